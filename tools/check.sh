# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# The self-check of `./run`: a real client, in a network namespace that exists only for it, signs in as
# a user that exists only for it.  Each mark is printed because it was seen, not because it should be.

check_user=sallyport-self-check
check_here=169.254.77.1             # the two ends of the cable; link-local, so nobody takes it for a home network
check_there=169.254.77.2
check_link=selfcheck                # not sally…: those are clients
check_pid=

# A process that only holds the namespace: when it ends, for whatever reason, all of it is gone.
open_check_namespace() {
    start check unshare --net sleep 120 </dev/null 2>/dev/null
    check_pid=$started
    await 20 has_own_network "$check_pid" || return 1
    ip link add "$check_link" type veth peer name eth0 netns "$check_pid" &&
        ip addr add "$check_here/30" dev "$check_link" scope link &&
        ip link set "$check_link" up &&
        in_check ip link set lo up &&
        in_check ip addr add "$check_there/30" dev eth0 &&
        in_check ip link set eth0 up &&
        in_check ip route add default via "$check_here"
}

has_own_network() {
    [ -e "/proc/$1/ns/net" ] && [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

in_check() {
    nsenter --target "$check_pid" --net "$@"
}

# What stands for the home network: its router, or else this computer's own address there.
home_targets() {
    ip -4 route show default | awk '{for (i = 1; i < NF; i++) if ($i == "via") print $(i + 1)}' | head -n 1
    ip -4 -oneline addr show scope global | awk '$2 !~ /^sally/ {sub("/.*", "", $4); print $4}' | head -n 1
}

# openconnect calls this in the namespace: an address, and the way to the targets.
write_check_script() {
    cat > "$runtime/check-script" <<'SH'
#!/bin/sh
[ "$reason" = connect ] || exit 0
ip link set "$TUNDEV" up mtu "$INTERNAL_IP4_MTU"
ip addr add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
for target in $SALLYPORT_TARGETS; do
    ip route add "$target/32" dev "$TUNDEV" metric 1
done
SH
    chmod 755 "$runtime/check-script"
}

start_check_client() {
    local url=$1 password=$2
    export SALLYPORT_TARGETS=$3
    start check-client nsenter --target "$check_pid" --net openconnect --user "$check_user" --passwd-on-stdin \
        --servercert "$(status_of certificate-pin)" --script "$runtime/check-script" --interface tun-check "$url" \
        <<<"$password" >"$runtime/check.log" 2>&1
}

check_log_says() {
    grep -q "$1" "$runtime/check.log"
}

# Connected, or known never to be.
check_decided() {
    check_log_says 'Configured as' || is_gone "$started"
}

reach_any() {
    local target
    for target in $1; do
        in_check ping -q -c 1 -W 1 "$target" >/dev/null 2>&1 && { reached=$target; return; }
    done
    return 1
}

mark() {
    if check_log_says "$2"; then printf '%s ✓ ' "$1"; else printf '%s ✗ ' "$1"; fi
}

# how_home TARGETS BEGAN: which of them answers through the tunnel, and since when
how_home() {
    local router=${1%%$'\n'*} reached=
    reach_any "$1" || { echo 'home not reached'; return; }
    awk -v began="$2" -v now="$EPOCHREALTIME" 'BEGIN {printf "home reached in %.1f s", now - began}'
    [ "$reached" = "$router" ] || printf ' (only this computer: the router at %s does not answer)' "$router"
    echo
}

report_check() {
    local home
    await 300 check_decided || true
    home=$(how_home "$@")
    printf 'Self-check: %s%s%s\n' "$(mark TLS 'CSTP connected')" "$(mark DTLS 'Established DTLS connection')" "$home"
    [ "$home" != 'home not reached' ] || tail -n 5 "$runtime/check.log" | sed 's/^/  client: /'
}

self_check() {
    local password targets began=$EPOCHREALTIME
    if ! open_check_namespace 2>/dev/null; then
        echo 'Self-check: not possible, this system does not let us make a network namespace'
        stop check
        return
    fi
    targets=$(home_targets)
    write_check_script
    sallyportctl user remove "$check_user" >/dev/null 2>&1 || true
    password=$(new_password)
    sallyportctl user add "$check_user" >/dev/null <<<"$password"
    began=$EPOCHREALTIME
    start_check_client "$(status_of urls)" "$password" "$targets"
    report_check "$targets" "$began"
    stop check-client
    sallyportctl user remove "$check_user" >/dev/null || true
    stop check
}
