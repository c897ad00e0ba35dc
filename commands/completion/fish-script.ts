/** The script for fish 3 and later, which quotes what it puts into the line itself (https://fishshell.com/docs/current/completions.html). */
export const FISH_SCRIPT = String.raw`# fish completion for lwi. Install: lwi completion fish > ~/.config/fish/completions/lwi.fish

function __lwi_complete
    set -l before (commandline -opc)
    set -l typed (commandline -ct)
    set -l word (string replace -ra '["\'\\\\]' '' -- "$typed")
    set -l lines (lwi complete -- $before[2..-1] "$word" 2>/dev/null)
    or return 0
    set -l flags (string replace : '' -- $lines[-1])
    set -e lines[-1]
    if test (count $lines) -gt 0
        printf '%s\n' $lines
    else if string match -qr '^\d+$' -- $flags; and test (math "bitand($flags, 4)") -eq 0
        set -l option (string match -r -- '^-[^=]*=' $word)
        __fish_complete_path (string replace -- "$option" '' $word) | string replace -r '^' -- "$option"
    end
end

complete -c lwi -e
complete -c lwi -k -f -a '(__lwi_complete)'
`;
