#!/usr/bin/env bash
# Makes a Debian root with the Nextcloud desktop client and what it needs to be driven without a screen.
#
#   install.sh [SUITE]        SUITE: trixie (default) or sid
#
# The root goes to $E2EE_ROOTS/SUITE (default ~/e2ee-roots/SUITE) and is used read-only afterwards.
# Needs root, debootstrap and a Debian mirror (E2EE_MIRROR; default: the one debootstrap knows).
set -euo pipefail

debian=${1:-trixie}
roots=${E2EE_ROOTS:-$HOME/e2ee-roots}
root=$roots/$debian
unfinished=$roots/.$debian.unfinished

# dbus … libglib2.0-bin: the session, its keyring and the commands that talk to both.
# xvfb … fonts-dejavu-core: a display and the accessibility bus, by which dialogs are answered.
# The SVG plugin is only a recommendation of the client, and without it the client logs errors for each icon.
packages=(
    nextcloud-desktop qt6-svg-plugins
    dbus dbus-bin gnome-keyring libsecret-tools libglib2.0-bin
    xvfb xauth at-spi2-core python3-pyatspi fonts-dejavu-core
)

main() {
    case $debian in
        trixie | sid) ;;
        *) fail "unknown suite \"$debian\": expected trixie or sid (older releases speak only version 1 of the protocol)" ;;
    esac
    [ "$(id -u)" = 0 ] || fail "must run as root: debootstrap makes device nodes and changes owners"
    command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
    if [ -e "$root" ]; then
        echo "$root is there already; remove it first for a fresh one"
        return
    fi

    mkdir -p "$roots"
    rm -rf --one-file-system "$unfinished"
    debootstrap --variant=minbase "$debian" "$unfinished" ${E2EE_MIRROR:+"$E2EE_MIRROR"}
    # Services have no business in a root that nothing boots.
    printf '#!/bin/sh\nexit 101\n' >"$unfinished/usr/sbin/policy-rc.d"
    chmod 755 "$unfinished/usr/sbin/policy-rc.d"
    # A mount namespace of its own: no mount outlives the installation, however it ends.
    # shellcheck disable=SC2016  # the variables belong to the inner shell
    unshare --mount --propagation private -- \
        bash -c 'mount -t proc proc "$1/proc"; shift; exec "$@"' - "$unfinished" \
        chroot "$unfinished" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        apt-get install -y --no-install-recommends "${packages[@]}"
    # The web engine in the client refuses to run as root; the session bus wants a user that has a name.
    chroot "$unfinished" useradd --uid 1000 --home-dir /srv/home --no-create-home device
    mv "$unfinished" "$root"
    chroot "$root" dpkg-query -W nextcloud-desktop
}

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

main
