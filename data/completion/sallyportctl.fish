# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of sallyportctl for fish.  The program itself says what may follow, out of the tables by
# which it reads its command line.

function __sallyportctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -e words[1]
    set -l lines (sallyportctl --complete $words "$current" 2>/dev/null)
    if test "$lines[1]" = \tfiles
        __fish_complete_path "$current"
    else if set -q lines[1]
        printf '%s\n' $lines
    end
end

complete -c sallyportctl -f -a '(__sallyportctl_complete)'
