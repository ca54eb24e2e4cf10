#!/usr/bin/env bash
# Runs inside the Debian root as the device's user, started by device.sh: one session bus, one display,
# one unlocked keyring, and in them the client. /srv is the device's own folder.
set -euo pipefail

if [ "${1-}" != on-the-bus ]; then
    mkdir -p "$HOME" "$XDG_RUNTIME_DIR" /srv/sync
    chmod 700 "$XDG_RUNTIME_DIR"
    exec dbus-run-session -- bash "$0" on-the-bus
fi

# The server picks a free display number by itself and says which: two devices never fight for one.
# No abstract socket: that would be visible to the other devices, which share the network namespace.
mkfifo /srv/display
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -nolisten local -noreset 3>/srv/display 2>/srv/display.log &
read -r number </srv/display
export DISPLAY=:$number

# Any password will do: the keyring is born here and dies with the device's folder.
printf 'keyring' | gnome-keyring-daemon --unlock --components=secrets >/dev/null

# Entries that the client shall find, one a line: name, type, value in base64. The attributes are
# those under which the client's keychain library looks them up.
while IFS=$'\t' read -r name kind value; do
    base64 -d <<<"$value" | secret-tool store --label="$name" \
        xdg:schema org.qt.keychain user "$name" server Nextcloud type "$kind"
done </srv/keyring-entries
rm /srv/keyring-entries

# Commands that join this session later read its variables; the rename makes the file appear whole.
export -p >/srv/environment.new
mv /srv/environment.new /srv/environment

nextcloud --background --logfile /srv/client.log --logdebug --logflush
