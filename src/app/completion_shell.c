/* completion_shell.c - the list as scripts. Each script has the same four questions, answered by the list: which command do the words lead to, which
 * options has it, what may stand for an option's value, what for its argument. Names that come from files (lessons, machines) are asked of the
 * program when they are needed.
 */
#include <string.h>

#include "app/completion.h"

/* In single quotes, whatever is in it. */
static void
quote(const char *text, struct buffer *out)
{
    buffer_putc(out, '\'');
    for (; *text; text++)
        if (*text == '\'')
            buffer_puts(out, "'\\''");
        else
            buffer_putc(out, *text);
    buffer_putc(out, '\'');
}

static const char *
with_or_nothing(const char *with)
{
    return with ? with : "nothing";
}

/* The last word of a path, and how long what comes before it is. */
static const char *
last_word(const char *path, size_t *before)
{
    const char *blank = strrchr(path, ' ');

    *before = blank ? (size_t)(blank - path) : 0;
    return blank ? blank + 1 : path;
}

/* --- bash and zsh: functions that answer in REPLY ------------------------------------------------------ */

static void
put_next(struct buffer *out)
{
    buffer_puts(out, "# COMMAND WORD: the command they lead to.\n_pagewalk_next() {\n    case \"$1:$2\" in\n");
    for (const struct completion_command *c = completion_list(); c->path; c++) {
        size_t n;
        const char *word = last_word(c->path, &n);
        if (*word)
            buffer_printf(out, "    '%.*s:%s') REPLY='%s' ;;\n", (int)n, c->path, word, c->path);
    }
    buffer_puts(out, "    *) return 1 ;;\n    esac\n}\n\n");
}

static void
put_values(struct buffer *out)
{
    buffer_puts(out, "# COMMAND --OPTION: what its value may be; fails when it takes none.\n_pagewalk_value() {\n    case \"$1:$2\" in\n");
    for (const struct completion_command *c = completion_list(); c->path; c++)
        for (unsigned i = 0; i < c->options; i++)
            if (c->option[i].takes_value)
                buffer_printf(out, "    '%s:--%s') REPLY='%s' ;;\n", c->path, c->option[i].name, with_or_nothing(c->option[i].with));
    buffer_puts(out, "    *) return 1 ;;\n    esac\n}\n\n");
}

static void
put_arguments(struct buffer *out)
{
    buffer_puts(out, "# COMMAND: what its argument may be.\n_pagewalk_argument() {\n    case $1 in\n");
    for (const struct completion_command *c = completion_list(); c->path; c++)
        if (*c->path)
            buffer_printf(out, "    '%s') REPLY='%s' ;;\n", c->path, with_or_nothing(c->with));
    buffer_puts(out, "    *) REPLY='words");
    for (const struct completion_command *c = completion_list(); c->path; c++)
        if (*c->path && !strchr(c->path, ' '))
            buffer_printf(out, " %s", c->path);
    buffer_puts(out, "' ;;\n    esac\n}\n\n");
}

/* --- bash ------------------------------------------------------------------------------------------------ */

static const char bash_end[] =
    "_pagewalk_words() { \"${COMP_WORDS[0]}\" completion words \"$1\" 2>/dev/null; }\n"
    "\n"
    "# WHAT PREFIX: fill COMPREPLY.\n"
    "_pagewalk_offer() {\n"
    "    case $1 in\n"
    "    nothing) ;;\n"
    "    words\\ *) mapfile -t COMPREPLY < <(compgen -W \"${1#words }\" -- \"$2\") ;;\n"
    "    files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$2\") ;;\n"
    "    folders) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$2\") ;;\n"
    "    lessons | machines)\n"
    "        local ending=lua\n"
    "        [ \"$1\" = lessons ] || ending=json\n"
    "        compopt -o filenames\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_pagewalk_words \"$1\")\" -- \"$2\"; compgen -f -X \"!*.$ending\" -- \"$2\"; compgen -d -- \"$2\")\n"
    "        ;;\n"
    "    settings) compopt -o nospace; mapfile -t COMPREPLY < <(compgen -S = -W \"$(_pagewalk_words \"$1\")\" -- \"$2\") ;;\n"
    "    *) mapfile -t COMPREPLY < <(compgen -W \"$(_pagewalk_words \"$1\")\" -- \"$2\") ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_pagewalk() {\n"
    "    local REPLY word at='' i skip='' before='' current=${COMP_WORDS[COMP_CWORD]}\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [ \"$word\" = = ]; then # --option = value, as bash cuts it\n"
    "            skip=$before\n"
    "        elif [ -n \"$skip\" ]; then\n"
    "            skip=\n"
    "        elif [ \"${word:0:1}\" = - ]; then\n"
    "            before=$word\n"
    "            ! _pagewalk_value \"$at\" \"$word\" || skip=$word\n"
    "        elif _pagewalk_next \"$at\" \"$word\"; then\n"
    "            at=$REPLY\n"
    "        fi\n"
    "    done\n"
    "    [ \"$current\" != = ] || { skip=$before; current=; }\n"
    "    if [ -n \"$skip\" ]; then\n"
    "        ! _pagewalk_value \"$at\" \"$skip\" || _pagewalk_offer \"$REPLY\" \"$current\"\n"
    "    elif [ \"${current:0:1}\" = - ]; then\n"
    "        _pagewalk_options \"$at\"\n"
    "        _pagewalk_offer \"words $REPLY\" \"$current\"\n"
    "    else\n"
    "        _pagewalk_argument \"$at\"\n"
    "        _pagewalk_offer \"$REPLY\" \"$current\"\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _pagewalk pagewalk\n";

static void
bash_options(struct buffer *out)
{
    buffer_puts(out, "# COMMAND: its options.\n_pagewalk_options() {\n    case $1 in\n");
    for (const struct completion_command *c = completion_list(); c->path; c++) {
        buffer_printf(out, "    '%s') REPLY='", c->path);
        for (unsigned i = 0; i < c->options; i++)
            buffer_printf(out, "--%s ", c->option[i].name);
        buffer_printf(out, "--help%s' ;;\n", *c->path ? "" : " --version");
    }
    buffer_puts(out, "    esac\n}\n\n");
}

void
completion_bash(struct buffer *out)
{
    buffer_puts(out, "# bash completion for pagewalk, made by `pagewalk completion bash`; do not edit.\n\n");
    put_next(out);
    put_values(out);
    put_arguments(out);
    bash_options(out);
    buffer_puts(out, bash_end);
}

/* --- zsh ------------------------------------------------------------------------------------------------- */

static const char zsh_end[] =
    "_pagewalk_words() { compadd -- ${(f)\"$($program completion words $1 2>/dev/null)\"} }\n"
    "\n"
    "_pagewalk_offer() {\n"
    "    case $1 in\n"
    "    nothing) return 1 ;;\n"
    "    words\\ *) compadd -- ${=1#words } ;;\n"
    "    files) _files ;;\n"
    "    folders) _files -/ ;;\n"
    "    lessons) _pagewalk_words $1; _files -g '*.lua' ;;\n"
    "    machines) _pagewalk_words $1; _files -g '*.json' ;;\n"
    "    settings) compadd -S = -- ${(f)\"$($program completion words $1 2>/dev/null)\"} ;;\n"
    "    *) _pagewalk_words $1 ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_pagewalk() {\n"
    "    local REPLY word at= skip= program=$words[1]\n"
    "    local -a known\n"
    "    integer i\n"
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        word=$words[i]\n"
    "        if [[ -n $skip ]]; then\n"
    "            skip=\n"
    "        elif [[ $word == -* ]]; then\n"
    "            [[ $word == *=* ]] || ! _pagewalk_value \"$at\" $word || skip=$word\n"
    "        elif _pagewalk_next \"$at\" $word; then\n"
    "            at=$REPLY\n"
    "        fi\n"
    "    done\n"
    "    if [[ -n $skip ]]; then\n"
    "        _pagewalk_value \"$at\" $skip && _pagewalk_offer $REPLY\n"
    "    elif [[ $PREFIX == --*=* ]]; then\n"
    "        word=${PREFIX%%=*}\n"
    "        compset -P '*='\n"
    "        _pagewalk_value \"$at\" $word && _pagewalk_offer $REPLY\n"
    "    elif [[ $PREFIX == -* ]]; then\n"
    "        _pagewalk_options \"$at\"\n"
    "        _describe -o option known\n"
    "    elif [[ -z $at ]]; then\n"
    "        _pagewalk_commands\n"
    "        _describe command known\n"
    "    else\n"
    "        _pagewalk_argument \"$at\" && _pagewalk_offer $REPLY\n"
    "    fi\n"
    "}\n"
    "\n"
    "if [[ $funcstack[1] == _pagewalk ]]; then\n"
    "    _pagewalk \"$@\"\n"
    "else\n"
    "    compdef _pagewalk pagewalk\n"
    "fi\n";

/* 'name:what it is' */
static void
zsh_known(const char *name, const char *help, struct buffer *out)
{
    struct buffer text = {0};

    buffer_printf(&text, "%s:%s", name, help);
    buffer_putc(out, ' ');
    quote(buffer_text(&text), out);
    buffer_free(&text);
}

static void
zsh_options(struct buffer *out)
{
    buffer_puts(out, "# COMMAND: its options, described.\n_pagewalk_options() {\n    case $1 in\n");
    for (const struct completion_command *c = completion_list(); c->path; c++) {
        buffer_printf(out, "    '%s') known=(", c->path);
        for (unsigned i = 0; i < c->options; i++) {
            struct buffer name = {0};
            buffer_printf(&name, "--%s", c->option[i].name);
            zsh_known(buffer_text(&name), c->option[i].help, out);
            buffer_free(&name);
        }
        zsh_known("--help", "what it takes", out);
        buffer_puts(out, ") ;;\n");
    }
    buffer_puts(out, "    esac\n}\n\n# The commands, described.\n_pagewalk_commands() {\n    known=(");
    for (const struct completion_command *c = completion_list(); c->path; c++)
        if (*c->path && !strchr(c->path, ' '))
            zsh_known(c->path, c->help, out);
    buffer_puts(out, ")\n}\n\n");
}

void
completion_zsh(struct buffer *out)
{
    buffer_puts(out, "#compdef pagewalk\n# zsh completion for pagewalk, made by `pagewalk completion zsh`; do not edit.\n\n");
    put_next(out);
    put_values(out);
    put_arguments(out);
    zsh_options(out);
    buffer_puts(out, zsh_end);
}

/* --- fish ------------------------------------------------------------------------------------------------ */

static const char fish_at[] =
    "# The command that the words so far lead to.\n"
    "function __pagewalk_at\n"
    "    set -l at\n"
    "    set -l skip 0\n"
    "    for word in (commandline -opc)[2..-1]\n"
    "        if test $skip = 1\n"
    "            set skip 0\n"
    "        else if string match -q -- '-*' $word\n"
    "            contains -- $word $__pagewalk_values; and set skip 1\n"
    "        else if contains -- (string join ' ' $at $word) $__pagewalk_commands\n"
    "            set -a at $word\n"
    "        end\n"
    "    end\n"
    "    test \"$at\" = \"$argv[1]\"\n"
    "end\n"
    "\n"
    "function __pagewalk_words\n"
    "    set -l program (commandline -opc)[1]\n"
    "    command $program completion words $argv[1] 2>/dev/null\n"
    "end\n"
    "\n"
    "complete -c pagewalk -f\n";

/* May a path stand there? */
static bool
is_of_files(const char *with)
{
    static const char *const kinds[] = {"files", "folders", "lessons", "machines"};

    for (size_t i = 0; with && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i], with) == 0)
            return true;
    return false;
}

/* What can stand there, as arguments of `complete`. */
static void
fish_offer(const char *with, struct buffer *out)
{
    if (strncmp(with, "words ", 6) == 0) {
        buffer_puts(out, " -a ");
        quote(with + 6, out);
    } else if (strcmp(with, "files") == 0) {
        buffer_puts(out, " -F");
    } else if (strcmp(with, "folders") == 0) {
        buffer_puts(out, " -a '(__fish_complete_directories)'");
    } else if (strcmp(with, "lessons") == 0 || strcmp(with, "machines") == 0) {
        buffer_printf(out, " -F -a '(__pagewalk_words %s)'", with);
    } else if (strcmp(with, "settings") == 0) {
        buffer_puts(out, " -a '(__pagewalk_words settings)='");
    } else if (strcmp(with, "nothing") != 0) {
        buffer_printf(out, " -a '(__pagewalk_words %s)'", with);
    }
}

static void
fish_option(const struct completion_command *c, const struct completion_option *o, struct buffer *out)
{
    buffer_printf(out, "complete -c pagewalk -n '__pagewalk_at \"%s\"' -l %s -d ", c->path, o->name);
    quote(o->help, out);
    if (o->takes_value) {
        buffer_puts(out, is_of_files(o->with) ? " -r" : " -x");
        fish_offer(with_or_nothing(o->with), out);
    }
    buffer_putc(out, '\n');
}

static void
fish_command(const struct completion_command *c, struct buffer *out)
{
    size_t n;
    const char *word = last_word(c->path, &n);

    if (*word) {
        buffer_printf(out, "complete -c pagewalk -n '__pagewalk_at \"%.*s\"' -a %s -d ", (int)n, c->path, word);
        quote(c->help, out);
        buffer_putc(out, '\n');
    }
    for (unsigned i = 0; i < c->options; i++)
        fish_option(c, &c->option[i], out);
    buffer_printf(out, "complete -c pagewalk -n '__pagewalk_at \"%s\"' -l help -s h -d 'what it takes'\n", c->path);
    if (strcmp(with_or_nothing(c->with), "nothing") != 0) {
        buffer_printf(out, "complete -c pagewalk -n '__pagewalk_at \"%s\"'", c->path);
        fish_offer(c->with, out);
        buffer_putc(out, '\n');
    }
}

void
completion_fish(struct buffer *out)
{
    buffer_puts(out, "# fish completion for pagewalk, made by `pagewalk completion fish`; do not edit.\n\nset -g __pagewalk_values");
    for (const struct completion_command *c = completion_list(); c->path; c++)
        for (unsigned i = 0; i < c->options; i++)
            if (c->option[i].takes_value)
                buffer_printf(out, " --%s", c->option[i].name);
    buffer_puts(out, "\nset -g __pagewalk_commands");
    for (const struct completion_command *c = completion_list(); c->path; c++)
        if (*c->path)
            buffer_printf(out, " '%s'", c->path);
    buffer_printf(out, "\n\n%s", fish_at);
    for (const struct completion_command *c = completion_list(); c->path; c++)
        fish_command(c, out);
}
