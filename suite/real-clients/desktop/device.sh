# shellcheck shell=bash
# Devices: one running desktop client each, in a Debian root made by install.sh. Sourced by roundtrip.sh.
#
# A device is a folder ($work/NAME, seen as /srv from inside) and a process tree in a mount and a pid
# namespace of its own. So the root stays read-only, no mount is left behind, and ending the first process
# ends everything that the client has started. The network is shared: the client must reach the loopback.
#
# shellcheck disable=SC2154  # set by the script that sources this
# Uses: $here, $root (the Debian root), $work (a private folder), $server (base URL), $user, $password.

# device_create NAME [ENTRIES]: lays out the folder of a device that has an account but has never run.
# ENTRIES: a file of further keyring entries (see inside/session.sh).
device_create() {
    local folder=$work/$1
    mkdir -p "$folder/home/.config/Nextcloud" "$folder/sync"
    cp "$here/inside/session.sh" "$here/inside/widgets.py" "$folder/"
    client_configuration >"$folder/home/.config/Nextcloud/nextcloud.cfg"
    # With the password in its keyring the client logs in without the browser.
    printf '%s\tplaintext\t%s\n' "$(keyring_name "$user")" "$(printf %s "$password" | base64 -w0)" \
        >"$folder/keyring-entries"
    [ $# -lt 2 ] || cat "$2" >>"$folder/keyring-entries"
    chown -R 1000:1000 "$folder"
}

# device_start NAME: starts the client, returns when it takes commands.
# Each process in the chain dies with its parent, so even a killed script leaves none behind. The innermost shell
# stays root's (hence no exec, and a command after chroot): the kernel forgets that wish when the user changes.
device_start() {
    local folder=$work/$1
    # shellcheck disable=SC2016  # the variables belong to the inner shell
    setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private -- bash -euc '
        root=$1 folder=$2
        mount --bind "$root" "$root"
        mount -o remount,bind,ro "$root"
        mount --bind "$folder" "$root/srv"
        mount -t proc proc "$root/proc"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
        cd "$root"
        shift 2
        chroot --userspec=1000:1000 "$root" "$@"
        exit' \
        - "$root" "$folder" /usr/bin/env -i "${device_environment[@]}" bash /srv/session.sh \
        </dev/null >"$folder/session.log" 2>&1 &
    echo $! >"$folder/pid"
    within 30 test -S "$folder/run/Nextcloud/socket"
}

# The account is known by $user and $server; polling is as quick as the client allows (5 s).
client_configuration() {
    cat <<CONFIGURATION
[General]
clientVersion=$(client_version) (Debian built)
isVfsEnabled=false
launchOnSystemStartup=false
optionalServerNotifications=false
useNewBigFolderSizeLimit=false

[Accounts]
version=2
0\\version=1
0\\url=$server
0\\authType=webflow
0\\dav_user=$user
0\\webflow_user=$user
0\\displayName=$user
0\\Folders\\1\\version=2
0\\Folders\\1\\localPath=/srv/sync/
0\\Folders\\1\\targetPath=/
0\\Folders\\1\\journalPath=.sync_state.db
0\\Folders\\1\\paused=false
0\\Folders\\1\\virtualFilesMode=off

[Nextcloud]
remotePollInterval=5000
forceSyncInterval=10000
CONFIGURATION
}

device_environment=(
    PATH=/usr/bin:/bin LC_ALL=C.UTF-8 USER=device LOGNAME=device
    HOME=/srv/home XDG_RUNTIME_DIR=/srv/run
    XDG_CURRENT_DESKTOP=GNOME                                # picks the keyring that session.sh unlocks
    QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1
    QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1                       # else no widget can be found by name
    QTWEBENGINE_DISABLE_SANDBOX=1                            # its sandbox wants namespaces of its own
    no_proxy=127.0.0.1
)

client_version() {
    # shellcheck disable=SC2016  # a format of dpkg-query
    chroot "$root" dpkg-query -W -f '${Version}' nextcloud-desktop
}

# keyring_name KEY: the name under which the client keeps KEY of the first account.
keyring_name() {
    echo "$1:$server/:0"
}

# device_run NAME COMMAND...: runs a command in the session of a device.
device_run() {
    local name=$1 first
    first=$(cat "$work/$name/pid")
    shift
    # shellcheck disable=SC2016  # the variables belong to the inner shell
    nsenter --mount="/proc/$first/ns/mnt" --pid="/proc/$first/ns/pid_for_children" -- \
        chroot --userspec=1000:1000 "$root" /usr/bin/env -i bash -c '. /srv/environment; cd /srv; exec "$@"' - "$@"
}

# device_widgets NAME ARGUMENTS...: see inside/widgets.py.
device_widgets() {
    local name=$1
    shift
    device_run "$name" python3 /srv/widgets.py "$@"
}

# device_action NAME ACTION: what the desktop's cloud menu would ask of the client: opensettings, quit.
device_action() {
    device_run "$1" timeout 5 gdbus call --session --dest com.nextcloudgmbh.Nextcloud \
        --object-path /com/nextcloudgmbh/Nextcloud/Folder/0 \
        --method org.gtk.Actions.Activate "$2" '[]' '{}' >/dev/null
}

# device_secret NAME KEY: prints what the client keeps under KEY in its keyring.
device_secret() {
    device_run "$1" secret-tool lookup user "$(keyring_name "$2")"
}

# device_synced NAME [AFTER]: true once the client has ended a run of synchronisation (after a log line with AFTER).
device_synced() {
    awk -v after="${2-}" '
        BEGIN { seen = after == "" }
        index($0, after) { seen = 1 }
        seen && /Sync run took/ { ended = 1; exit }
        END { exit !ended }' "$work/$1/client.log"
}

# device_complaints NAME: what the client's log says about refusals, for the report of a failure. Only lines that
# carry a verdict: the rest of that log holds tokens and key material.
complaints='Failed to verify|setup error|Could not setup metadata|encryption information is missing'
complaints+='|does not match the checksum|SyncEngine finished with ERROR'
device_complaints() {
    local log=$work/$1/client.log
    [ -s "$log" ] || return 0
    grep -E "$complaints" "$log" | sed -E 's/^[^ ]+ ([0-9:]+) .*\]:\t/\1 /' | cut -c1-200 | tail -n 12 || true
}

# device_stop NAME: asks the client to quit, and ends whatever is left of the device.
device_stop() {
    local first
    [ -s "$work/$1/pid" ] || return 0
    first=$(cat "$work/$1/pid")
    if [ -e "$work/$1/environment" ] && ! gone "$first"; then
        # Not by "nextcloud --quit": that makes the running client begin its log anew.
        device_action "$1" quit 2>/dev/null || true
        within 5 gone "$first" || true
    fi
    gone "$first" || kill -KILL "$first"
    wait "$first" 2>/dev/null || true
    rm "$work/$1/pid"
}
