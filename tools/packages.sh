# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Debian packages: what tools/packages.txt names and the system lacks.

# packages_named SET…: the packages of these sets
packages_named() {
    awk -v sets=" $* " '!/^#/ && NF && index(sets, " " $2 " ") {print $1}' "$top/tools/packages.txt"
}

# packages_missing SET…: those of them that are not installed
packages_missing() {
    local names
    mapfile -t names < <(packages_named "$@")
    comm -23 <(printf '%s\n' "${names[@]}" | sort -u) \
        <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${names[@]}" 2>/dev/null | awk '$2 == "installed" {print $1}' | sort -u)
}

# Services of packages that we only need the programs of shall not start: ocserv would take port 443.
hold_services_back() {
    [ -e /usr/sbin/policy-rc.d ] && return 1
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
}

# Modules of PAM shall not come into the rules of this machine by themselves: only the lab signs in by them.
apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
        -o 'DPkg::Options::=--path-exclude=/usr/share/pam-configs/ldap' install -y -q --no-install-recommends "$@"
}

# Package lists may be absent or old: refreshed when the first try fails.
install_missing() {
    local missing held=no status=0
    mapfile -t missing < <(packages_missing "$@")
    [ "${#missing[@]}" -eq 0 ] && return
    command -v apt-get >/dev/null || die "these packages are missing, and there is no apt: ${missing[*]}"
    printf 'Installing %s\n' "${missing[*]}" >&2
    hold_services_back && held=yes
    { apt_install "${missing[@]}" || { apt-get update -q && apt_install "${missing[@]}"; }; } >&2 || status=1
    [ "$held" = yes ] && rm -f /usr/sbin/policy-rc.d
    [ "$status" -eq 0 ] || die "could not install: ${missing[*]}"
}

# install_packages SET…: when nothing is missing, this needs no network, no lists, no lock
install_packages() {
    [ -n "$(packages_missing "$@")" ] || return 0
    ( flock 9 && install_missing "$@" 9<&- ) 9<"$top"
}
