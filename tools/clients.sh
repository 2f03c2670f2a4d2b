# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# openconnect built with OpenSSL, which Debian has only with GnuTLS: from Debian's own sources, once, into a cache.
# Where it cannot be made, the reason is left there for the stories that need it; they are skipped with it.

client_cache=${XDG_CACHE_HOME:-/var/cache}/sallyport-tests
client_reason=$client_cache/openconnect-openssl.reason

# private_apt FOLDER TOOL…: apt with only the package lists of that folder; the machine's own stay as they are
private_apt() {
    local folder=$1 tool=$2
    shift 2
    "$tool" -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/parts" \
        -o Dir::State::Lists="$folder/lists" "$@"
}

# Sources are where this machine gets its packages from.
write_source_lists() {
    local folder=$1 codename site release component
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        while read -r site release component; do
            [ "$release $component" = "$codename main" ] || continue
            printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: %s\n\n' "$site" "$release" "$component"
        done > "$folder/parts/machine.sources"
}

# fetch_client_sources FOLDER VERSION: the upstream archive, as Debian's signed lists know it.  A signature file
# beside it that is gone from the mirror does not matter.
fetch_client_sources() {
    local folder=$1 version=$2
    mkdir "$folder/parts" "$folder/lists" "$folder/sources"
    chmod 755 "$folder"
    chown _apt "$folder/sources" 2>/dev/null || true
    write_source_lists "$folder"
    private_apt "$folder" apt-get update || return 1
    ( cd "$folder/sources" && private_apt "$folder" apt-get source --download-only "openconnect=$version" ) || true
    private_apt "$folder" apt-cache showsrc "openconnect" |
        awk 'length($1) == 64 && $3 ~ /\.orig\.tar/ {print $1 "  " $3}' | sort -u > "$folder/sums"
    ( cd "$folder/sources" && sha256sum --check --strict --ignore-missing "$folder/sums" )
}

# compile_client FOLDER INTO: the command alone, with all of the library inside
compile_client() {
    mkdir "$1/build" && tar -xf "$1"/sources/openconnect_*.orig.tar.* --strip-components=1 -C "$1/build" &&
        cd "$1/build" &&
        ./configure --with-openssl --without-gnutls --disable-shared --disable-nls --disable-docs --without-libproxy \
            --without-stoken --without-libpcsclite --without-libpskc --without-gssapi \
            --with-vpnc-script=/usr/share/vpnc-scripts/vpnc-script &&
        make -j"$(nproc)" openconnect &&
        ./openconnect --version | grep -q 'Using OpenSSL' &&
        install -D -m 755 openconnect "$2/openconnect"
}

make_openssl_client() {
    local folder version into
    version=$(dpkg-query -W -f='${Version}' openconnect)
    into=$client_cache/openconnect-openssl-${version%-*}
    [ -x "$into/openconnect" ] && return
    printf 'Building openconnect with OpenSSL, for the tests\n'
    folder=$(mktemp -d)
    if ! fetch_client_sources "$folder" "$version" >"$folder/log" 2>&1; then
        echo "openconnect's sources cannot be fetched: $(grep -m 1 -E '^(Err|W|E):' "$folder/log")" > "$client_reason"
    elif ! ( compile_client "$folder" "$into" ) >"$folder/log" 2>&1; then
        echo "openconnect cannot be built with OpenSSL: $(tail -n 1 "$folder/log")" > "$client_reason"
    else
        rm -f "$client_reason"
    fi
    [ ! -e "$client_reason" ] || cat "$client_reason"
    rm -rf "$folder"
}

run_clients() {
    install_packages run test
    mkdir -p "$client_cache"
    ( flock 9 && make_openssl_client 9<&- ) 9<"$client_cache"
}
