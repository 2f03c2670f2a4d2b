# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# The system bus for `./run`: the one that runs, told about us for the time being, or one of our own.

policy_file=/etc/dbus-1/system.d/$bus_name.conf
actions_file=/usr/share/polkit-1/actions/$bus_name.policy
placed_mark='<!-- placed by ./run, which takes it away when it ends -->'

on_bus() {
    dbus-send --system --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus "org.freedesktop.DBus.$1" "${@:2}"
}

system_bus_runs() {
    on_bus GetId >/dev/null 2>&1
}

# place FILE FROM: unless a package put it there
place() {
    [ -e "$1" ] && return
    mkdir -p "$(dirname "$1")"
    { cat "$2"; echo "$placed_mark"; } > "$1"
}

staged() {
    find "$stage" -name "$1" -print -quit
}

# What was placed and not taken back by a killed run is recognised by its last line.
take_back_bus_files() {
    local file
    for file in "$policy_file" "$actions_file"; do
        if [ -f "$file" ] && [ "$(tail -n 1 "$file")" = "$placed_mark" ]; then
            rm -f "$file"
        fi
    done
}

tell_running_bus() {
    if on_bus NameHasOwner "string:$bus_name" | grep -q true; then
        die "Sallyport runs already on this machine's bus"
    fi
    [ -e "/usr/share/dbus-1/system.d/$bus_name.conf" ] || place "$policy_file" "$(staged "$bus_name.conf")"
    on_bus ReloadConfig >/dev/null
}

write_private_bus_config() {
    cat <<XML
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=$runtime/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
  </policy>
  <includedir>/usr/share/dbus-1/system.d</includedir>
  <include>$(staged "$bus_name.conf")</include>
</busconfig>
XML
}

# No init, no desktop: a bus in our own folder, and a polkitd on it.
start_private_bus() {
    write_private_bus_config > "$runtime/bus.conf"
    export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$runtime/bus
    start bus dbus-daemon --nofork --nopidfile --nosyslog --config-file="$runtime/bus.conf" \
        </dev/null >"$runtime/bus.log" 2>&1
    await 100 system_bus_runs || die "no system bus runs, and a private one does not start: $(cat "$runtime/bus.log")"
    start polkitd /usr/lib/polkit-1/polkitd --no-debug </dev/null >/dev/null 2>&1
}

start_bus() {
    place "$actions_file" "$(staged "$bus_name.policy")" || echo "run: without polkit actions only root can manage" >&2
    if system_bus_runs; then
        tell_running_bus
    else
        start_private_bus
    fi
}
