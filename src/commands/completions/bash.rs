//! Bash, which breaks words at colons and equals signs: `twitter:20` would be three words to it, and its completion only
//! the last. The words are put together again before they are completed, and what stands already is taken off after it.

use clap_complete::env::{self, EnvCompleter};
use std::{ffi::OsString, io, path::Path};

/// Bash as [`env::Bash`] has it, with whole words.
pub(super) struct Bash;

const SCRIPT: &str = r#"_embalm() {
    local IFS=$'\013'
    local line=$COMP_LINE word typed i
    local -a words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 0)) && [[ -n $line && $line != [[:space:]]* ]]; then
            words[${#words[@]} - 1]+=$word
        else
            line=${line#"${line%%[![:space:]]*}"}
            words+=("$word")
        fi
        line=${line#"$word"}
    done
    typed=${words[${#words[@]} - 1]}
    COMPREPLY=($(
        _CLAP_IFS="$IFS" _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) _CLAP_COMPLETE_COMP_TYPE=$COMP_TYPE \
            VARIABLE=bash "COMPLETER" -- "${words[@]}" 2> /dev/null
    ))
    if (($? != 0)); then
        COMPREPLY=()
        return
    fi
    if [[ $typed == *[:=]* && $COMP_WORDBREAKS == *:* ]]; then
        local before=${typed%"${typed##*[:=]}"}
        for i in "${!COMPREPLY[@]}"; do
            COMPREPLY[i]=${COMPREPLY[i]#"$before"}
        done
    fi
    if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2> /dev/null
    fi
}
complete -o bashdefault -o nosort -F _embalm BIN 2> /dev/null || complete -o bashdefault -F _embalm BIN
"#;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        var: &str,
        _name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn io::Write,
    ) -> Result<(), io::Error> {
        let script = SCRIPT.replace("VARIABLE", var).replace("COMPLETER", completer).replace("BIN", bin);
        buf.write_all(script.as_bytes())
    }

    fn write_complete(
        &self,
        cmd: &mut clap::Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn io::Write,
    ) -> Result<(), io::Error> {
        env::Bash.write_complete(cmd, args, current_dir, buf)
    }
}
