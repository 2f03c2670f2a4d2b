# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of sallyportctl for bash.  The program itself says what may follow, out of the tables
# by which it reads its command line.

_sallyportctl() {
    local rest=${COMP_LINE:0:COMP_POINT} current='' piece line candidate i
    local -a words=()

    # Bash splits at more than blanks; what stands together is one word again.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if ((i > 0)) && [[ -n $piece && $rest != [[:blank:]]* ]]; then
            words[${#words[@]}-1]+=$piece
        else
            words+=("$piece")
            rest=${rest#"${rest%%[![:blank:]]*}"}
        fi
        rest=${rest#"$piece"}
    done
    current=${words[${#words[@]}-1]}
    COMPREPLY=()
    while IFS= read -r line; do
        candidate=${line%%$'\t'*}
        if [[ -z $candidate ]]; then
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
        fi
        [[ $candidate != *[!A-Za-z0-9_@%+=:,./-]* ]] || printf -v candidate '%q' "$candidate"
        # Bash replaces only what stands behind the last character at which it splits.
        COMPREPLY+=("${candidate#"${current%"${current##*[@:=]}"}"}")
    done < <(sallyportctl --complete "${words[@]:1}" 2>/dev/null)
}

complete -F _sallyportctl sallyportctl
