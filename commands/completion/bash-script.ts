/**
 * The script for bash 3.2 and later, with or without the package bash-completion. What was typed and what is offered are only ever data: nothing goes through
 * `eval` or `compgen -W`, which would run the commands in them (https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html).
 */
export const BASH_SCRIPT = String.raw`# bash completion for lwi. Install: source <(lwi completion bash)

_lwi_complete() {
  # bash has split the line at = : and @ as well; pieces without a blank between them are one word.
  local line=\${COMP_LINE:0:COMP_POINT} piece rest words=() at
  for ((at = 0; at <= COMP_CWORD; at++)); do
    rest=\${line#"\${line%%[![:blank:]]*}"}
    piece=\${COMP_WORDS[at]}
    # The last one ends at the cursor.
    ((at < COMP_CWORD)) || piece=$rest
    if ((at == 0)) || [[ $rest != "$line" ]]; then
      words+=("$piece")
    else
      words[\${#words[@]} - 1]+=$piece
    fi
    line=\${rest#"$piece"}
  done
  # Only what follows the last of those characters is replaced.
  local typed=\${words[\${#words[@]} - 1]}
  [[ $piece == *[!=:@]* ]] || piece=
  local kept=\${typed%"$piece"} quoted=
  [[ $piece != [\"\']* ]] || quoted=yes
  words=("\${words[@]//[\"\'\\]/}")

  local answer word
  answer=$(lwi complete -- "\${words[@]:1}" 2>/dev/null) || return 0
  COMPREPLY=()
  while IFS= read -r word; do
    [[ $word != :* ]] || continue
    word=\${word%%$'\t'*}
    word=\${word#"$kept"}
    # Inside of quotes a name could still run a command.
    if [[ $word == *[!A-Za-z0-9._/=:@%+,-]* ]]; then
      [[ -z $quoted ]] || continue
      printf -v word %q "$word"
    fi
    COMPREPLY+=("$word")
  done <<<"$answer"
  # An older bash sorts the words, and offers files where there are none.
  local flags=\${answer##*:}
  if [[ $flags =~ ^[0-9]+$ ]] && type compopt &>/dev/null; then
    ((flags & 32)) && compopt -o nosort 2>/dev/null
    ((flags & 4)) && compopt +o default 2>/dev/null
  fi
  return 0
}

complete -o default -F _lwi_complete lwi
`.replaceAll('\\$', '$');
