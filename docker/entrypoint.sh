#!/bin/sh
# Without arguments: the first start leaves a configuration to fill in, the second one makes the
# registration for Synapse, every further one runs the service. With arguments: school-spaces
# with these arguments (-g alone means: registration -g).
set -eu

data="${SCHOOL_SPACES_DATA:-/data}"
example="${SCHOOL_SPACES_EXAMPLE:-/opt/school-spaces/config.example.yaml}"
export SCHOOL_SPACES_CONFIG="${SCHOOL_SPACES_CONFIG:-$data/config.yaml}"

case "${1:-}" in
    "") ;;
    -g) exec school-spaces registration "$@" ;;
    *) exec school-spaces "$@" ;;
esac

if [ ! -f "$SCHOOL_SPACES_CONFIG" ]; then
    if ! (umask 077 && cp "$example" "$SCHOOL_SPACES_CONFIG"); then
        echo "$data cannot be written by user $(id -u): give the volume to that user." >&2
        exit 1
    fi
    echo "There was no configuration: $SCHOOL_SPACES_CONFIG is now the example."
    echo "Fill it in, and start this container again: it will make the registration."
    exit 0
fi

if [ ! -f "$data/registration.yaml" ]; then
    school-spaces registration -g
    echo "Then start this container again: it will run."
    exit 0
fi

exec school-spaces run
