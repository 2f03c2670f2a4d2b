# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Building, in folders beside the sources.

build=${LAB_BUILD:-$top/build}

# configure FOLDER OPTION…: installed paths are the system's, wherever the files are put in the end
configure() {
    local folder=$1
    shift
    [ -f "$folder/build.ninja" ] && return
    meson setup "$folder" "$top" --prefix=/usr --sysconfdir=/etc --localstatedir=/var "$@"
}

# quietly CMD…: its words only when it fails, and then on standard error
quietly() {
    local words status=0
    words=$("$@" 2>&1) || status=$?
    [ "$status" -eq 0 ] || printf '%s\n' "$words" >&2
    return "$status"
}

configure_and_compile() {
    configure "$@" && ninja -C "$1"
}

# build_quietly FOLDER OPTION…: one at a time in a folder, so that labs may start together
build_quietly() {
    mkdir -p "$1"
    ( flock 9 && quietly configure_and_compile "$@" 9<&- ) 9<"$1"
}

run_build() {
    install_packages run
    configure "$build" && ninja -C "$build"
}

run_package() {
    install_packages run package
    /usr/bin/python3 "$top/tools/debian_packages.py" "${1-$top/packages}"
}

run_lab() {
    [ $# -gt 0 ] || die "lab: which command?"
    install_packages run test
    [[ "${LAB_PRODUCT-}" != @(ocserv|openvpn*) ]] || install_packages bench
    build_quietly "$build" || die "the build failed"
    LAB_BUILD=$build exec "$top/tests/lab/lab" "$@"
}
