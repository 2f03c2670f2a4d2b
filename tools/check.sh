# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# The self-check of `./run`: a real client, in a network namespace that exists only for it, signs in as
# a user that exists only for it.  Each mark is printed because it was seen, not because it should be.

check_user=sallyport-self-check
check_here=169.254.77.1             # the two ends of the cable; link-local, so nobody takes it for a home network
check_there=169.254.77.2
check_link=selfcheck                # not sally…: those are clients
check_tunnel=tun-selfcheck
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

# What stands for the home network is its router.  This computer itself answers at its address in the
# tunnel; its other ones the client needs for the way outside.
home_router() {
    ip -4 route show default | awk '{for (i = 1; i < NF; i++) if ($i == "via") {print $(i + 1); exit}}'
}

tunnel_address() {
    ip -4 -oneline addr show dev lo scope global | awk '{sub("/.*", "", $4); print $4; exit}'
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
    SALLYPORT_TARGETS="$(tunnel_address) $(home_router)"
    export SALLYPORT_TARGETS
    start check-client nsenter --target "$check_pid" --net openconnect --user "$check_user" --passwd-on-stdin \
        --servercert "$(status_of certificate-pin)" --script "$runtime/check-script" --interface "$check_tunnel" "$url" \
        <<<"$password" >"$runtime/check.log" 2>&1
}

check_log_says() {
    grep -q "$1" "$runtime/check.log"
}

# Connected, or known never to be.
check_decided() {
    check_log_says 'Configured as' || is_gone "$started"
}

# Out through the tunnel and nowhere else: the cable would lead home as well.
reach() {
    in_check ping -q -c 1 -W 1 -I "$check_tunnel" "$1" >/dev/null 2>&1
}

mark() {
    if check_log_says "$2"; then printf '%s ✓ ' "$1"; else printf '%s ✗ ' "$1"; fi
}

home_reached_since() {
    awk -v began="$1" -v now="$EPOCHREALTIME" 'BEGIN {printf "home reached in %.1f s", now - began}'
}

# how_home BEGAN: does this computer answer through the tunnel, and then the router, which is another?
how_home() {
    local words router
    router=$(home_router)
    await 15 reach "$(tunnel_address)" || { echo 'home not reached'; return; }
    words=$(home_reached_since "$1")
    if [ -z "$router" ]; then
        words+=' (only this computer: there is no router)'
    elif await 3 reach "$router"; then
        words=$(home_reached_since "$1")
    else
        words+=" (only this computer: the router at $router does not answer)"
    fi
    echo "$words"
}

report_check() {
    local home
    await 300 check_decided || true
    home=$(how_home "$1")
    printf 'Self-check: %s%s%s\n' "$(mark TLS 'CSTP connected')" "$(mark DTLS 'Established DTLS connection')" "$home"
    [ "$home" != 'home not reached' ] || tail -n 5 "$runtime/check.log" | sed 's/^/  client: /'
}

# For good: who is only removed keeps the name for a month.
remove_check_user() {
    sallyportctl user remove "$check_user" >/dev/null 2>&1 || true
    sallyportctl user purge "$check_user" >/dev/null 2>&1 || true
}

# add_check_user PASSWORD: a killed run may have left the user
add_check_user() {
    remove_check_user
    sallyportctl user add "$check_user" >/dev/null <<<"$1"
}

check_now() {
    local password began url
    password=$(new_password)
    add_check_user "$password" || { echo 'Self-check: not possible, the server does not take a user for it'; return; }
    write_check_script
    url=$(status_of urls)
    began=$EPOCHREALTIME
    start_check_client "${url:-https://$check_here:$(status_of port)}" "$password"
    report_check "$began"
    stop check-client
    remove_check_user
}

self_check() {
    if open_check_namespace 2>/dev/null; then
        check_now
    else
        echo 'Self-check: not possible, this system lets us make no network namespace with a cable into it'
    fi
    stop check
}
