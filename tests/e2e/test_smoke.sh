#!/usr/bin/env bash
# The program runs in a terminal at all, and leaves it as it found it.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

version=$(sed -n 's/^VERSION := //p' Makefile)

prints_its_version() {
    start 80x24 --version
    wait_exit 0
    wait_for "pagewalk $version"
    terminal_is_restored
}

run_case "--version prints the version and restores the terminal" prints_its_version
finish
