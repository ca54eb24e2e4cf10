#!/usr/bin/env python3
"""Answers the client's dialogs and menus from inside its session.

    widgets.py press NAME      press the visible button of this name (accessibility bus)
    widgets.py wait NAME       wait until a widget of this name is visible
    widgets.py type            put standard input into the visible, editable text field
    widgets.py menu COMMAND    send one line to the client's file manager socket, print its answer

Each waits up to 15 seconds, then ends with exit code 1. No coordinates: layouts change, names seldom do.
"""
import os
import socket
import sys
import time
import warnings

warnings.filterwarnings("ignore")  # pyatspi announces deprecations of its own calls
import pyatspi  # noqa: E402
from gi.repository import GLib  # noqa: E402

PATIENCE = 15.0


def main(arguments):
    command, rest = arguments[0], arguments[1:]
    if command == "menu":
        print(ask_menu(rest[0]))
        return 0
    if command == "type":
        # By standard input: a mnemonic has no place in a process list.
        field = patiently(lambda: first(is_text_field))
        return missing("text field") if field is None else done(field.queryEditableText().setTextContents(sys.stdin.read().strip()))
    widget = patiently(lambda: first(lambda node: plain_name(node) == rest[0]))
    if widget is None:
        return missing(repr(rest[0]))
    return press(widget) if command == "press" else 0


def press(widget):
    action = widget.queryAction()
    names = [action.getName(i).lower() for i in range(action.nActions)]
    wanted = [i for i, name in enumerate(names) if name in ("press", "click")]
    if not wanted:
        print(f"{plain_name(widget)!r} cannot be pressed, it offers {names}", file=sys.stderr)
        return 1
    return done(action.doAction(wanted[0]))


def missing(what):
    # Only buttons: a label may show the mnemonic.
    buttons = [plain_name(node) for node in visible() if "button" in node.getRoleName()]
    print(f"no visible {what}; the visible buttons are {buttons}", file=sys.stderr)
    return 1


def done(worked):
    return 0 if worked else 1


def patiently(look):
    """What `look` finds, asked again until it finds something or the patience ends."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            found = look()
        except GLib.GError:  # a widget vanished while it was looked at
            found = None
        if found is not None or time.monotonic() > end:
            return found
        time.sleep(0.1)


def first(wanted):
    return next((node for node in visible() if wanted(node)), None)


def plain_name(node):
    # "&" marks the keyboard shortcut of a label.
    return (node.name or "").replace("&", "")


def is_text_field(node):
    return node.getRoleName() in ("text", "entry") and node.getState().contains(pyatspi.STATE_EDITABLE)


def visible():
    """Every showing widget of the client, in reading order."""
    desktop = pyatspi.Registry.getDesktop(0)
    stack = [app for app in children(desktop) if "nextcloud" in (app.name or "").lower()]
    while stack:
        node = stack.pop()
        if node.getState().contains(pyatspi.STATE_SHOWING):
            yield node
        stack += reversed(children(node))


def children(node):
    # Bounded: a list view may offer thousands of rows, and a broken one any number.
    found = (node.getChildAtIndex(i) for i in range(min(node.childCount, 200)))
    return [child for child in found if child is not None]


def ask_menu(line):
    """The client's answer to one line of the protocol that file managers speak to it."""
    with socket.socket(socket.AF_UNIX) as menu:
        menu.connect(os.path.join(os.environ["XDG_RUNTIME_DIR"], "Nextcloud", "socket"))
        menu.sendall(line.encode() + b"\n")
        menu.settimeout(0.5)  # answers have no end mark: it ends when nothing more comes
        answer = b""
        try:
            while chunk := menu.recv(65536):
                answer += chunk
        except TimeoutError:
            pass
        return answer.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
