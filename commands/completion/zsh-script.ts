/**
 * The script for zsh 5, to be sourced or put into a directory of `fpath`. `_describe` quotes what it puts into the line, so that a name stays a word
 * (https://zsh.sourceforge.io/Doc/Release/Completion-System.html).
 */
export const ZSH_SCRIPT = String.raw`#compdef lwi
# zsh completion for lwi. Install, behind the line with compinit: source <(lwi completion zsh)

_lwi() {
  local -a typed lines offers
  local answer line word about
  integer flags
  (( CURRENT > 2 )) && typed=("\${(@Q)words[2,CURRENT-1]}")
  typed+=("\${(Q)PREFIX}")
  answer=$(lwi complete -- "\${typed[@]}" 2>/dev/null) || return 1
  lines=("\${(@f)answer}")
  [[ \${lines[-1]} == :<-> ]] && flags=\${lines[-1]#:}
  for line in "\${(@)lines[1,-2]}"; do
    word=\${line%%$'\t'*}
    about=\${line#"$word"}
    # What stands before the first colon is the word.
    word=\${\${word//\\/\\\\}//:/\\:}
    offers+=("$word:\${about#$'\t'}")
  done
  if (( $#offers )); then
    _describe -V lwi offers
  elif (( ! (flags & 4) )); then
    [[ $PREFIX == -*=* ]] && compset -P '*='
    _files
  fi
}

if [[ \${funcstack[1]} == _lwi ]]; then
  _lwi "$@"
elif (( $+functions[compdef] )); then
  compdef _lwi lwi
else
  print -u2 'lwi: run "autoload -Uz compinit && compinit" before this.'
fi
`.replaceAll('\\$', '$');
