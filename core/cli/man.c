/* man.c: manual pages (man macros) from the table: `mxc man [COMMAND]`, `mxc man --into FOLDER`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "help.h"
#include "parse.h"
#include "problem.h"
#include "text.h"

/* Text for roff: backslashes and dashes are themselves, a line cannot begin with a request. */
static void put_roff(FILE *to, const char *text, size_t length) {
    for (size_t i = 0; i < length && text[i]; i++) {
        if (i == 0 && (text[i] == '.' || text[i] == '\''))
            fputs("\\&", to);
        if (text[i] == '-')
            fputs("\\-", to);
        else if (text[i] == '\\')
            fputs("\\e", to);
        else if (text[i] == '\'')
            fputs("\\(aq", to);
        else if (text[i] == '`')
            fputs("\\(ga", to);
        else if (text[i] == '~')
            fputs("\\(ti", to);
        else
            fputc(text[i], to);
    }
}

static void put_line(FILE *to, const char *text) {
    put_roff(to, text, strlen(text));
    fputc('\n', to);
}

/* "mxc-policy-check" */
static void page_name(char *name, size_t size, const struct cli_command *command) {
    snprintf(name, size, "mxc%s%s", *command->name ? "-" : "", command->name);
    for (char *at = name; *at; at++)
        *at = *at == ' ' ? '-' : *at;
}

static void put_head(FILE *to, const struct cli_command *command) {
    char name[64];
    page_name(name, sizeof(name), command);
    fputs(".TH ", to);
    for (const char *at = name; *at; at++)
        fputc(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at, to);
    fprintf(to, " 1 \"\" \"mxc %s\" \"mxc manual\"\n.SH NAME\n", mxc_version());
    put_roff(to, name, strlen(name));
    fputs(" \\- ", to);
    put_line(to, command->summary);
    fprintf(to, ".SH SYNOPSIS\n.B mxc%s%s\n.RI [ OPTION ]...\n", *command->name ? " " : "", command->name);
    if (command->operands)
        put_line(to, command->operands);
}

static void put_text(FILE *to, const char *text) {
    for (int first = 1; *text; first = 0) {
        size_t length = strcspn(text, "\n");
        fputs(first ? ".SH DESCRIPTION\n" : ".PP\n", to);
        put_roff(to, text, length);
        fputc('\n', to);
        text += length;
        text += strspn(text, "\n");
    }
}

static void put_commands(FILE *to, const struct cli_command *heading) {
    int first = 1;
    for (int id = CMD_RUN; id < CMD_COUNT; id++) {
        if (!cli_is_below(&cli_commands[id], heading))
            continue;
        fprintf(to, "%s.TP\n.B mxc %s\n", first ? ".SH COMMANDS\n" : "", cli_commands[id].name);
        first = 0;
        put_line(to, cli_commands[id].summary);
    }
}

static void put_options(FILE *to, const struct cli_command *command) {
    fputs(".SH OPTIONS\n", to);
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_options[i];
        if (!cli_takes(command, option))
            continue;
        fputs(".TP\n", to);
        if (option->letter)
            fprintf(to, "\\fB\\-%c\\fR, ", option->letter);
        fputs("\\fB\\-\\-", to);
        put_roff(to, option->name, strlen(option->name));
        fputs("\\fR", to);
        if (option->metavar)
            fprintf(to, " \\fI%s\\fR", option->metavar);
        fputc('\n', to);
        put_line(to, option->help);
    }
}

static void put_tail(FILE *to, const struct cli_command *command) {
    fputs(".SH EXIT STATUS\n", to);
    for (const struct cli_exit *row = command->exits; row->status; row++) {
        fputs(".TP\n.B ", to);
        put_line(to, row->status);
        put_line(to, row->meaning);
    }
    fputs(".SH EXAMPLES\n", to);
    for (const struct cli_example *example = command->examples; example->line; example++) {
        fputs(".TP\n.B ", to);
        put_line(to, example->line);
        put_line(to, example->meaning);
    }
    fputs(".SH SEE ALSO\n", to);
    const char *between = "";
    for (int id = CMD_ROOT; id < CMD_COUNT; id++) {
        char name[64];
        page_name(name, sizeof(name), &cli_commands[id]);
        if (id == (int)command->id)
            continue;
        fprintf(to, "%s.BR ", between);
        put_roff(to, name, strlen(name));
        fputs(" (1)", to);
        between = ",\n";
    }
    fputc('\n', to);
}

static void put_page(FILE *to, const struct cli_command *command) {
    put_head(to, command);
    put_text(to, command->text);
    put_commands(to, command);
    put_options(to, command);
    put_tail(to, command);
}

static int write_page(const struct cli_line *line, const char *folder, const struct cli_command *command) {
    char name[64], path[4200];
    page_name(name, sizeof(name), command);
    snprintf(path, sizeof(path), "%s/%s.1", folder, name);
    FILE *to = fopen(path, "we");
    if (to) {
        put_page(to, command);
        int bad = ferror(to);
        if (fclose(to) == 0 && !bad)
            return 0;
    }
    struct cli_problem problem;
    cli_problem_system(&problem, "write", path, errno ? errno : EIO);
    return cli_tell(line, &problem);
}

int cli_man(const struct cli_line *line) {
    const struct cli_given *into = cli_given(line, OPT_INTO);
    int status = 0;
    const struct cli_command *topic = cli_topic(line, &status);
    if (!topic)
        return status;
    if (!into) {
        put_page(stdout, topic);
        return cli_written(line, cli_flush());
    }
    for (int id = CMD_ROOT; id < CMD_COUNT && status == 0; id++)
        status = write_page(line, into->value, &cli_commands[id]);
    return status;
}
