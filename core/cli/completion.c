/* completion.c: completion scripts for bash, zsh and fish from the table. The fixed parts are shell code that asks
 * three generated functions: which options, what kind of value, which operands. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "help.h"
#include "parse.h"
#include "problem.h"
#include "text.h"

static const char *kind_word(const struct cli_option *option) {
    switch (option->kind) {
    case CLI_FILE:
    case CLI_PATH:
        return "file";
    case CLI_FOLDER:
        return "folder";
    case CLI_WORD:
        return "word";
    default:
        return "free";
    }
}

static const char *operand_word(enum cli_operands kind) {
    static const char *const words[] = {[OPERANDS_NONE] = "none",
                                        [OPERANDS_COMMAND] = "command",
                                        [OPERANDS_FILES] = "file",
                                        [OPERANDS_SHELL] = "shell",
                                        [OPERANDS_TOPIC] = "topic"};
    return words[kind];
}

static void put_topics(const struct cli_command *heading) {
    const char *between = "";
    for (int id = CMD_RUN; id < CMD_COUNT; id++) {
        if (!cli_is_below(&cli_commands[id], heading))
            continue;
        const char *space = strchr(cli_commands[id].name, ' ');
        printf("%s%s", between, space ? space + 1 : cli_commands[id].name);
        between = " ";
    }
}

/* ---- bash; zsh uses the same three functions ---- */

static void put_option_cases(void) {
    puts("_mxc_options() {\n    case $1 in");
    for (int id = CMD_ROOT; id < CMD_COUNT; id++) {
        printf("    '%s') echo '", cli_commands[id].name);
        const char *between = "";
        for (size_t i = 0; i < cli_option_count; i++) {
            if (!cli_takes(&cli_commands[id], &cli_options[i]))
                continue;
            if (cli_options[i].letter)
                printf("%s-%c", between, cli_options[i].letter);
            printf("%s--%s", cli_options[i].letter ? " " : between, cli_options[i].name);
            between = " ";
        }
        puts("' ;;");
    }
    puts("    esac\n}");
}

static void put_value_cases(void) {
    puts("_mxc_value() {\n    case $1 in");
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_options[i];
        if (option->kind == CLI_FLAG)
            continue;
        if (option->letter)
            printf("    -%c | --%s)", option->letter, option->name);
        else
            printf("    --%s)", option->name);
        printf(" echo '%s%s%s' ;;\n", kind_word(option), option->choices ? " " : "",
               option->choices ? option->choices : "");
    }
    puts("    esac\n}");
}

static void put_operand_cases(void) {
    puts("_mxc_operand() {\n    case $1 in");
    for (int id = CMD_ROOT; id < CMD_COUNT; id++) {
        const struct cli_command *command = &cli_commands[id];
        printf("    '%s') echo '%s", command->name, operand_word(command->operand_kind));
        if (command->operand_kind == OPERANDS_SHELL)
            printf(" %s", cli_shells);
        if (command->operand_kind == OPERANDS_TOPIC) {
            putchar(' ');
            put_topics(command->id == CMD_POLICY ? command : &cli_commands[CMD_ROOT]);
        }
        puts("' ;;");
    }
    puts("    esac\n}");
}

/* Walks the words before the one that is completed: sets _mxc_command, _mxc_start (where the workload's command
 * begins, 0 when it has not begun) and _mxc_wants (the option whose value comes next, or empty). */
static const char walk[] =
    "_mxc_walk() {\n"
    "    local word value i=0\n"
    "    _mxc_command='' _mxc_start=0 _mxc_wants=''\n"
    "    for word in \"$@\"; do\n"
    "        i=$((i + 1))\n"
    "        if [[ -n $_mxc_wants ]]; then _mxc_wants=''; continue; fi\n"
    "        case $word in\n"
    "        --) _mxc_start=$((i + 1)); return ;;\n"
    "        --*=*) ;;\n"
    "        -*) value=$(_mxc_value \"$word\"); [[ -z $value ]] || _mxc_wants=$word ;;\n"
    "        *)\n"
    "            if [[ -z $_mxc_command ]]; then _mxc_command=$word\n"
    "            elif [[ -n $(_mxc_options \"$_mxc_command $word\") ]]; then _mxc_command=\"$_mxc_command $word\"\n"
    "            elif [[ $(_mxc_operand \"$_mxc_command\") == command* ]]; then _mxc_start=$i; return\n"
    "            fi ;;\n"
    "        esac\n"
    "    done\n"
    "}\n";

static const char bash_tail[] =
    "_mxc_reply() { # kind [word...]\n"
    "    local kind=$1 word=$2\n"
    "    shift 2\n"
    "    case $kind in\n"
    "    file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
    "    folder) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n"
    "    command) mapfile -t COMPREPLY < <(compgen -c -- \"$word\") ;;\n"
    "    word | shell | topic) mapfile -t COMPREPLY < <(compgen -W \"$*\" -- \"$word\") ;;\n"
    "    esac\n"
    "}\n"
    "_mxc() {\n"
    "    local _mxc_command _mxc_start _mxc_wants words=() before=() i current asked\n"
    "    # bash splits --option=value at the =; put it together again\n"
    "    for ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "        if [[ ${COMP_WORDS[i]} == = && ${#words[@]} -gt 0 && ${words[-1]} == --* ]]; then\n"
    "            words[-1]+='='\n"
    "        elif [[ ${#words[@]} -gt 0 && ${words[-1]} == --*= ]]; then\n"
    "            words[-1]+=${COMP_WORDS[i]}\n"
    "        else\n"
    "            words+=(\"${COMP_WORDS[i]}\")\n"
    "        fi\n"
    "    done\n"
    "    current=${words[-1]}\n"
    "    before=(\"${words[@]:0:${#words[@]}-1}\")\n"
    "    _mxc_walk \"${before[@]}\"\n"
    "    COMPREPLY=()\n"
    "    if [[ $_mxc_start -gt 0 ]]; then\n"
    "        if [[ ${#words[@]} -eq $_mxc_start ]]; then asked='command'; else asked='file'; fi\n"
    "        _mxc_reply \"$asked\" \"$current\"\n"
    "    elif [[ -n $_mxc_wants ]]; then\n"
    "        read -ra asked <<<\"$(_mxc_value \"$_mxc_wants\")\"\n"
    "        _mxc_reply \"${asked[0]}\" \"$current\" \"${asked[@]:1}\"\n"
    "    elif [[ $current == --*=* ]]; then\n"
    "        read -ra asked <<<\"$(_mxc_value \"${current%%=*}\")\"\n"
    "        _mxc_reply \"${asked[0]}\" \"${current#*=}\" \"${asked[@]:1}\"\n"
    "    elif [[ $current == -* ]]; then\n"
    "        _mxc_reply word \"$current\" \"$(_mxc_options \"$_mxc_command\")\"\n"
    "    else\n"
    "        read -ra asked <<<\"$(_mxc_operand \"$_mxc_command\")\"\n"
    "        _mxc_reply \"${asked[0]}\" \"$current\" \"${asked[@]:1}\"\n"
    "    fi\n"
    "}\n"
    "complete -F _mxc mxc\n";

static const char zsh_tail[] = "_mxc_reply() {\n"
                               "    local kind=$1\n"
                               "    shift\n"
                               "    case $kind in\n"
                               "    file) _files ;;\n"
                               "    folder) _files -/ ;;\n"
                               "    command) _command_names -e ;;\n"
                               "    word | shell | topic) compadd -- ${=@} ;;\n"
                               "    esac\n"
                               "}\n"
                               "_mxc() {\n"
                               "    local _mxc_command _mxc_start _mxc_wants current=$words[CURRENT]\n"
                               "    local -a asked\n"
                               "    _mxc_walk \"${(@)words[2,CURRENT-1]}\"\n"
                               "    if (( _mxc_start > 0 )); then\n"
                               "        shift $_mxc_start words\n"
                               "        (( CURRENT -= _mxc_start ))\n"
                               "        _normal\n"
                               "    elif [[ -n $_mxc_wants ]]; then\n"
                               "        asked=(${=\"$(_mxc_value \"$_mxc_wants\")\"})\n"
                               "        _mxc_reply $asked\n"
                               "    elif [[ $current == --*=* ]]; then\n"
                               "        asked=(${=\"$(_mxc_value \"${current%%=*}\")\"})\n"
                               "        compset -P '*='\n"
                               "        _mxc_reply $asked\n"
                               "    elif [[ $current == -* ]]; then\n"
                               "        _mxc_reply word \"$(_mxc_options \"$_mxc_command\")\"\n"
                               "    else\n"
                               "        asked=(${=\"$(_mxc_operand \"$_mxc_command\")\"})\n"
                               "        _mxc_reply $asked\n"
                               "    fi\n"
                               "}\n"
                               "if [[ $funcstack[1] == _mxc ]]; then _mxc \"$@\"; else compdef _mxc mxc; fi\n";

static void put_functions(const char *head, const char *tail) {
    fputs(head, stdout);
    put_option_cases();
    put_value_cases();
    put_operand_cases();
    fputs(walk, stdout);
    fputs(tail, stdout);
}

/* ---- fish ---- */

static const char fish_head[] = "# fish completion for mxc; made by: mxc completion fish\n"
                                "function __mxc_at\n"
                                "    set -l words (commandline -opc)[2..-1]\n"
                                "    contains -- -- $words; and return 1\n"
                                "    set -l plain (string match -v -- '-*' $words)\n"
                                "    set -l asked (string split -n ' ' -- $argv[1])\n"
                                "    test (count $asked) -eq 0; and return (test (count $plain) -eq 0)\n"
                                "    test \"$plain[1..\"(count $asked)\"]\" = \"$argv[1]\"\n"
                                "end\n"
                                "complete -c mxc -f\n";

/* Single-quoted for fish: only \ and ' are special. */
static void put_quoted(const char *text) {
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('\'');
}

static void put_fish_option(const struct cli_command *command, const struct cli_option *option) {
    printf("complete -c mxc -n '__mxc_at \"%s\"' -l %s", command->name, option->name);
    if (option->letter)
        printf(" -s %c", option->letter);
    if (option->kind == CLI_FLAG)
        fputs("", stdout);
    else if (option->choices)
        printf(" -x -a '%s'", option->choices);
    else if (option->kind == CLI_FILE || option->kind == CLI_PATH)
        fputs(" -r -F", stdout);
    else if (option->kind == CLI_FOLDER)
        fputs(" -x -a '(__fish_complete_directories)'", stdout);
    else
        fputs(" -x", stdout);
    fputs(" -d ", stdout);
    put_quoted(option->help);
    putchar('\n');
}

static void put_fish_operands(const struct cli_command *command) {
    if (command->operand_kind == OPERANDS_FILES)
        printf("complete -c mxc -n '__mxc_at \"%s\"' -F\n", command->name);
    if (command->operand_kind == OPERANDS_COMMAND)
        printf("complete -c mxc -n '__mxc_at \"%s\"' -a '(__fish_complete_command)'\n", command->name);
    if (command->operand_kind == OPERANDS_SHELL)
        printf("complete -c mxc -n '__mxc_at \"%s\"' -a '%s'\n", command->name, cli_shells);
    for (int id = CMD_RUN; id < CMD_COUNT && command->operand_kind == OPERANDS_TOPIC; id++) {
        const struct cli_command *topic = &cli_commands[id];
        const char *space = strchr(topic->name, ' ');
        if (!cli_is_below(topic, command->id == CMD_POLICY ? command : &cli_commands[CMD_ROOT]))
            continue;
        printf("complete -c mxc -n '__mxc_at \"%s\"' -a %s -d ", command->name, space ? space + 1 : topic->name);
        put_quoted(topic->summary);
        putchar('\n');
    }
}

static void put_fish(void) {
    fputs(fish_head, stdout);
    for (int id = CMD_ROOT; id < CMD_COUNT; id++) {
        for (size_t i = 0; i < cli_option_count; i++) {
            if (cli_takes(&cli_commands[id], &cli_options[i]))
                put_fish_option(&cli_commands[id], &cli_options[i]);
        }
        put_fish_operands(&cli_commands[id]);
    }
}

struct match {
    const char *word;
    int found;
};

static void match_word(void *to, const char *word, size_t length) {
    struct match *match = to;
    match->found |= strlen(match->word) == length && memcmp(match->word, word, length) == 0;
}

int cli_completion(const struct cli_line *line) {
    struct match match = {line->operands[0], 0};
    cli_each_word(cli_shells, match_word, &match);
    if (!match.found) {
        struct cli_problem problem = {.status = "usage", .origin = "", .operation = "", .message = problem.text};
        char hint[64];
        snprintf(hint, sizeof(hint), "one of: %s", cli_shells);
        snprintf(problem.text, sizeof(problem.text), "no completion for shell '%s'", line->operands[0]);
        problem.hint = hint;
        return cli_tell(line, &problem);
    }
    if (strcmp(line->operands[0], "bash") == 0)
        put_functions("# bash completion for mxc; made by: mxc completion bash\n", bash_tail);
    else if (strcmp(line->operands[0], "zsh") == 0)
        put_functions("#compdef mxc\n# zsh completion for mxc; made by: mxc completion zsh\n", zsh_tail);
    else
        put_fish();
    return cli_written(line, cli_flush());
}
