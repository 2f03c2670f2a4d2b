# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Every test: what gcc built, the same under the sanitizers, what clang built.

sanitized=$top/build-sanitized
clang_built=$top/build-clang

# compile_for_tests FOLDER OPTION…: a build that fails counts as a failed test, and the rest goes on
compile_for_tests() {
    printf '\n== %s\n' "$(basename "$1")"
    rm -f "$1/meson-logs/testlog.json" "$1/build-failed"
    configure "$@" && ninja -C "$1" && return
    mkdir -p "$1"
    touch "$1/build-failed"
    return 1
}

# Many stories mostly wait, so three share two cores; what is judged is the summary, so a failure does not end the run.
tell_tests() {
    meson test -C "$1" --no-rebuild --num-processes 3 --print-errorlogs "${@:2}" || true
}

# Under the sanitizers everything but what needs a closed sandbox; run-fuzzers has a build of its own.
sanitized_tests() {
    meson test -C "$sanitized" --no-rebuild --list --suite unit --suite walls --suite fuzz 2>/dev/null |
        sed -n 's/.* \/ //p' | grep -vx run-fuzzers
}

run_test() {
    local names
    run_clients
    if compile_for_tests "$build"; then
        tell_tests "$build"
    fi
    if compile_for_tests "$sanitized" -Db_sanitize=address,undefined -Db_lundef=false; then
        mapfile -t names < <(sanitized_tests)
        # They make everything some times slower.
        tell_tests "$sanitized" --timeout-multiplier 4 "${names[@]}"
    fi
    if CC=clang compile_for_tests "$clang_built"; then
        tell_tests "$clang_built" --suite unit
    fi
    /usr/bin/python3 "$top/tools/summary.py" "$build" "$sanitized" "$clang_built"
}

run_fuzz() {
    install_packages run test
    "$top/tests/fuzz/run-fuzzers" "${1:-60}"
}

run_bench() {
    install_packages run test bench
    build_quietly "$build" || die "the build failed"
    LAB_BUILD=$build /usr/bin/python3 "$top/tests/bench/bench.py" "$@"
}
