# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of sallyportctl for bash.  Commands come from its help, logins and sessions from the
# service; nobody is asked for a password for that.

_sallyportctl_commands() {
    sallyportctl --help 2>/dev/null | awk '/^  [a-z]/ {print $1, $2}'
}

_sallyportctl_first_column() {
    sallyportctl --no-ask-password --wait 2 "$@" 2>/dev/null | awk 'NR > 1 {print $1}'
}

# What may follow the words so far, without options.
_sallyportctl_words() {
    case "$*" in
        '') _sallyportctl_commands | awk '{print $1}' | sort -u ;;
        'user '*' '*) ;;
        'user change'|'user password'|'user remove') _sallyportctl_first_column user list ;;
        'session disconnect'*) _sallyportctl_first_column session list ;;
        user|session|certificate) _sallyportctl_commands | awk -v noun="$1" '$1 == noun {print $2}' ;;
    esac
}

_sallyportctl_options() {
    local common='--json --no-ask-password --wait --address --help'
    case "$*" in
        'user add'*) echo "--full-name --password-file --generate-password $common" ;;
        'user password'*) echo "--password-file --generate-password $common" ;;
        'user change'*) echo "--full-name --enable --disable $common" ;;
        'session disconnect'*) echo "--all --reason --undo-window $common" ;;
        monitor*) echo "--statistics $common" ;;
        *) echo "$common" ;;
    esac
}

_sallyportctl() {
    local current=${COMP_WORDS[COMP_CWORD]} word
    local -a words=()

    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $word == -* ]] || words+=("$word")
    done
    COMPREPLY=()
    if [[ ${COMP_WORDS[COMP_CWORD-1]} == --password-file ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_sallyportctl_options "${words[@]}")" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$(_sallyportctl_words "${words[@]}")" -- "$current")
    fi
}

complete -F _sallyportctl sallyportctl
