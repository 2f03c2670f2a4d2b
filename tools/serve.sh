# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# `./run`: the server straight from the build folder, on this machine's own network, until Ctrl-C.
# Nothing of it stays but the state folder; what a killed run left, the next one clears away.

runtime=/run/sallyport-run           # pid files, the private bus; locked while we run
stage=/var/cache/sallyport-run       # the programs, where the rooms' accounts can reach them
state=/var/lib/sallyport
config=
export bus_name=org.sallyport.Sallyport1
daemon=
first_user=

for part in bus check; do
    # shellcheck source=/dev/null
    . "$top/tools/$part.sh"
done

parse_serve_options() {
    while [ $# -gt 0 ]; do
        case "$1" in
            --state) [ $# -gt 1 ] || die "--state: which folder?"; state=$2; shift 2 ;;
            --config) [ $# -gt 1 ] || die "--config: which file?"; config=$2; shift 2 ;;
            *) usage >&2; exit 2 ;;
        esac
    done
    mkdir -p "$state"
    state=$(realpath "$state")
    config=$(realpath -m "${config:-$state/sallyport.conf}")
}

# start NAME CMD…: in the background with our standard streams, in a session of its own so that Ctrl-C
# is ours alone, marked as ours, and told to end when we are killed.  Its process is in $started.
start() {
    local name=$1
    shift
    SALLYPORT_RUN=$name setsid setpriv --pdeathsig TERM "$@" <&0 {lock}>&- &
    started=$!
    echo "$started" > "$runtime/$name.pid"
}

# is_ours PID: started by this run or an earlier one
is_ours() {
    tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | grep -q '^SALLYPORT_RUN='
}

# await TENTHS CMD…: until it succeeds
await() {
    local left=$1
    shift
    until "$@"; do
        [ $((left -= 1)) -gt 0 ] || return 1
        sleep 0.1 || true # Ctrl-C ends it early
    done
}

is_gone() {
    ! kill -0 "$1" 2>/dev/null
}

# stop NAME: ask it to end, then insist
stop() {
    local pid
    pid=$(cat "$runtime/$1.pid" 2>/dev/null) || return 0
    if is_ours "$pid"; then
        kill -TERM "$pid" 2>/dev/null
        await 150 is_gone "$pid" || kill -KILL "$pid" 2>/dev/null
    fi
    rm -f "$runtime/$1.pid"
}

# Everything that this file and bus.sh make, except the state: at the end, and of a killed run.
clear_away() {
    local name
    for name in check-client check window server polkitd bus; do
        stop "$name"
    done
    take_back_bus_files
    rm -rf "$stage" "${runtime:?}"/*
}

serve_end() {
    local status=$?
    trap '' INT TERM HUP
    set +e
    clear_away
    rmdir "$runtime"
    exit "$status"
}

claim_place() {
    mkdir -p "$runtime"
    exec {lock}<"$runtime"
    flock --nonblock "$lock" || die "./run serves already on this machine"
    clear_away
    trap serve_end EXIT
    # Ctrl-C is how it is meant to end.
    trap 'exit 0' INT
    trap 'exit 143' TERM HUP
}

# The rooms run under accounts that cannot look into a home folder.
put_programs_in_place() {
    mkdir -p "$stage"
    chmod 755 "$stage"
    DESTDIR=$stage quietly meson install -C "$build" --no-rebuild --quiet
    PATH="$stage/usr/sbin:$stage/usr/bin:$PATH"
}

serving() {
    kill -0 "$daemon" 2>/dev/null || die "the server did not start (its reason stands above)"
    [ "$(status_of state)" = on ]
}

# status_of KEY: a text that the server says of itself
status_of() {
    sallyportctl status --json 2>/dev/null | /usr/bin/python3 -c '
import json, sys
value = json.load(sys.stdin).get(sys.argv[1], "")
print(value[0] if isinstance(value, list) and value else value or "")' "$1" 2>/dev/null
}

start_server() {
    local libexec
    libexec=$(dirname "$(find "$stage" -name sallyport-door)")
    start server "$libexec/sallyport-holder" "$(command -v sallyportd)" --state "$state" --config "$config" \
        --libexec "$libexec" --bus system --start </dev/null
    daemon=$started
    await 200 serving || die "the server does not answer"
}

new_password() {
    head -c 512 /dev/urandom | LC_ALL=C tr -dc 'a-km-z2-9' | cut -c1-16 | sed 's/..../&-/g; s/-$//'
}

has_users() {
    sallyportctl user list --json | grep -q '"login"'
}

# The password is said once, here, and kept nowhere.
make_first_user() {
    local password
    has_users && return
    first_user=${SUDO_USER:-owner}
    [ "$first_user" != root ] || first_user=owner
    password=$(new_password)
    sallyportctl user add "$first_user" >/dev/null <<<"$password"
    printf 'First user: %s   password: %s   (shown only now)\n' "$first_user" "$password"
}

# Its icon and its help, which it and the help's viewer look for there.
data_folders() {
    printf '%s' "$stage/usr/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}"
}

# open_window: as the desktop's user, where there is a desktop and a window to show
open_window() {
    local uid=${SUDO_UID:-${PKEXEC_UID:-}} window=$stage/usr/bin/sallyport
    [ -x "$window" ] && [ -n "${DISPLAY-}${WAYLAND_DISPLAY-}" ] && [ -n "$uid" ] || return 0
    start window setpriv --reuid "$uid" --regid "$(id -g "$uid")" --init-groups \
        env "HOME=$(getent passwd "$uid" | cut -d: -f6)" "XDG_RUNTIME_DIR=/run/user/$uid" \
        "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$uid/bus" "XDG_DATA_DIRS=$(data_folders)" "$window" </dev/null
}

# tell_client: one line to paste; without any network the address is left to the reader
tell_client() {
    local url
    url=$(status_of urls)
    printf 'On the client:\n  sudo openconnect --user %s --servercert %s %s\n' "${first_user:-NAME}" \
        "$(status_of certificate-pin)" "${url:-https://ADDRESS}"
}

# Whoever may look; what needs more, polkit asks for.
run_ctl() {
    [ -x "$stage/usr/bin/sallyportctl" ] || die "./run does not serve now"
    [ ! -S "$runtime/bus" ] || export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$runtime/bus
    exec "$stage/usr/bin/sallyportctl" "$@"
}

# Again, after it was closed; for whoever is at the screen.
run_window() {
    [ -x "$stage/usr/bin/sallyport" ] || die "./run does not serve now"
    [ ! -S "$runtime/bus" ] || export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$runtime/bus
    XDG_DATA_DIRS=$(data_folders) exec "$stage/usr/bin/sallyport" "$@"
}

# A script that starts us in the background makes us deaf to Ctrl-C, and a shell cannot undo that.
listen_to_ctrl_c() {
    local ignored
    ignored=$(awk '$1 == "SigIgn:" {print $2}' "/proc/$$/status")
    (( 0x$ignored & 2 )) || return 0
    exec env --default-signal=INT "$top/run" "$@"
}

run_serve() {
    listen_to_ctrl_c "$@"
    parse_serve_options "$@"
    install_packages run
    echo 'Building …' >&2
    build_quietly "$build" || die "the build failed"
    claim_place
    put_programs_in_place
    start_bus
    start_server
    make_first_user
    open_window
    tell_client
    self_check
    printf 'Serving; ./run ctl manages it, Ctrl-C ends it. What is kept is in %s\n' "$state"
    wait "$daemon" || die "the server ended by itself"
}
