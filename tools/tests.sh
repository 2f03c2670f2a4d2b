# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Every test: what gcc built, the same under the sanitizers, what clang built.

sanitized=$top/build-sanitized
clang_built=$top/build-clang
installed=$top/build-installed      # of the installation only what became of it
installation_seconds=1200           # a few minutes, where compilers remember nothing, too

# compile_for_tests FOLDER OPTION…: a build that fails counts as a failed test, and the rest goes on
compile_for_tests() {
    printf '\n== %s\n' "$(basename "$1")"
    rm -f "$1/meson-logs/testlog.json" "$1/meson-logs/again.json" "$1/build-failed"
    configure "$@" && ninja -C "$1" && return
    mkdir -p "$1"
    touch "$1/build-failed"
    return 1
}

# Most stories mostly wait, so five share two cores; what is judged is the summary, so a failure does not end the run.
tell_tests() {
    meson test -C "$1" --no-rebuild --num-processes 5 --print-errorlogs "${@:2}" || true
}

# tell_stories_again FOLDER: stories and tests of walls wait for real windows, processes and clocks, and a machine that was
# busy elsewhere fails one now and then.  Each that failed is told once more by itself; the summary names it, whatever comes of that.  A program
# that talks to nobody has no such excuse.
tell_stories_again() {
    local names
    rm -f "$1/meson-logs/again.json"
    mapfile -t names < <(/usr/bin/python3 "$top/tools/summary.py" --to-repeat "$1" | grep .)
    [ "${#names[@]}" -gt 0 ] || return 0
    printf '\n== once more, each by itself: %s\n' "${names[*]}"
    meson test -C "$1" --no-rebuild --num-processes 1 --timeout-multiplier 3 --logbase again --print-errorlogs "${names[@]}" || true
}

# Under the sanitizers everything but what needs a closed sandbox; run-fuzzers has a build of its own.
sanitized_tests() {
    meson test -C "$sanitized" --no-rebuild --list --suite unit --suite walls --suite fuzz --suite leaks 2>/dev/null |
        sed -n 's/.* \/ //p' | grep -vx run-fuzzers
}

tell_all() {
    local names
    if compile_for_tests "$build"; then
        # They are written for a machine that has nothing else to do.
        tell_tests "$build" --timeout-multiplier 3
        tell_stories_again "$build"
    fi
    if compile_for_tests "$sanitized" -Db_sanitize=address,undefined -Db_lundef=false; then
        mapfile -t names < <(sanitized_tests)
        # They make everything some times slower.
        tell_tests "$sanitized" --timeout-multiplier 4 "${names[@]}"
        tell_stories_again "$sanitized"
    fi
    if CC=clang compile_for_tests "$clang_built"; then
        tell_tests "$clang_built" --timeout-multiplier 3 --suite unit
    fi
}

run_test() {
    run_clients
    tell_all
    /usr/bin/python3 "$top/tools/summary.py" "$build" "$sanitized" "$clang_built"
}

run_test_install() {
    install_packages run test package install
    /usr/bin/python3 "$top/tests/install/tell.py"
}

# What it says is in its record; without one it counts as failed.
tell_installation() {
    printf '\n== %s\n' "$(basename "$installed")"
    rm -rf "$installed"
    timeout --kill-after=60 "$installation_seconds" /usr/bin/python3 "$top/tests/install/tell.py" --record "$installed" || true
}

run_test_all() {
    install_packages run test package install
    run_clients
    tell_installation
    tell_all
    /usr/bin/python3 "$top/tools/summary.py" "$installed" "$build" "$sanitized" "$clang_built"
}

run_test_cross() {
    install_packages run test cross
    /usr/bin/python3 "$top/tests/cross/tell.py" "$@"
}

run_fuzz() {
    install_packages run test
    "$top/tests/fuzz/run-fuzzers" "$@"
}

run_bench() {
    install_packages run test bench
    build_quietly "$build" || die "the build failed"
    LAB_BUILD=$build /usr/bin/python3 "$top/tests/bench/bench.py" "$@"
}

run_attack() {
    install_packages run test bench
    build_quietly "$build" || die "the build failed"
    LAB_BUILD=$build /usr/bin/python3 "$top/tests/attack/attack.py" "$@"
}
