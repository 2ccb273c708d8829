import type { shells } from './workspace-names.js';

/** The command of the workspace around the working directory, run by its own Node.js; elsewhere the one in PATH. */
const findCommand = `  local dir="$PWD"
  while [ -n "$dir" ] && [ ! -e "$dir/node_modules/.bin/frontage" ]; do dir="\${dir%/*}"; done
  if [ -z "$dir" ]; then
    frontage __complete -- "$@" 2>/dev/null
  elif [ -x "$dir/node_modules/.bin/node" ]; then
    "$dir/node_modules/.bin/node" "$dir/node_modules/.bin/frontage" __complete -- "$@" 2>/dev/null
  else
    "$dir/node_modules/.bin/frontage" __complete -- "$@" 2>/dev/null
  fi`;

const bash = `# Completion of frontage and npx frontage: add  source <(npx frontage completion bash)  to ~/.bashrc
__frontage_words() {
${findCommand}
}
__frontage_complete() {
  local from=1 IFS=$'\\n'
  if [ "\${COMP_WORDS[0]##*/}" = npx ]; then
    [ "\${COMP_WORDS[1]}" = frontage ] && [ "$COMP_CWORD" -gt 1 ] || return 0
    from=2
  fi
  COMPREPLY=($(__frontage_words "\${COMP_WORDS[@]:from:COMP_CWORD-from+1}"))
  case "\${COMPREPLY[0]}" in *= | */) compopt -o nospace 2>/dev/null ;; esac
}
complete -o default -F __frontage_complete frontage
complete -p npx >/dev/null 2>&1 || complete -o default -F __frontage_complete npx
`;

const zsh = `#compdef frontage
# Completion of frontage and npx frontage: add  source <(npx frontage completion zsh)  to ~/.zshrc, after compinit
__frontage_words() {
${findCommand}
}
__frontage_complete() {
  local from=2
  if [ "\${words[1]##*/}" = npx ]; then
    if [ "\${words[2]}" != frontage ] || [ "$CURRENT" -lt 3 ]; then _files; return; fi
    from=3
  fi
  local -a found
  found=("\${(@f)$(__frontage_words "\${(@)words[from,CURRENT]}")}")
  if [ -z "\${found[1]}" ]; then _files; else compadd -S '' -- "\${found[@]}"; fi
}
compdef __frontage_complete frontage npx
`;

const fish = `# Completion of frontage and npx frontage: run  npx frontage completion fish > ~/.config/fish/completions/frontage.fish
function __frontage_words
    set -l words (commandline -opc) (commandline -ct)
    set -e words[1]
    if test "$words[1]" = frontage
        set -e words[1]
    end
    set -l dir $PWD
    while test -n "$dir"; and not test -e $dir/node_modules/.bin/frontage
        set dir (string replace -r '/[^/]*$' '' -- $dir)
    end
    if test -z "$dir"
        frontage __complete -- $words 2>/dev/null
    else if test -x $dir/node_modules/.bin/node
        $dir/node_modules/.bin/node $dir/node_modules/.bin/frontage __complete -- $words 2>/dev/null
    else
        $dir/node_modules/.bin/frontage __complete -- $words 2>/dev/null
    end
end
complete -c frontage -a '(__frontage_words)'
complete -c npx -n '__fish_seen_subcommand_from frontage' -a '(__frontage_words)'
`;

/** The completion of a shell, as text for its start file. */
export const shellScripts: Readonly<Record<(typeof shells)[number], string>> = { bash, zsh, fish };
