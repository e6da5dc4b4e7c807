/* help.c: --help, and the commands help and version, from the table. At most 96 columns. */
#include "help.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "parse.h"
#include "problem.h"
#include "text.h"

#define WIDTH 96
#define OPTION_COLUMN 28

int cli_is_below(const struct cli_command *command, const struct cli_command *heading) {
    size_t length = strlen(heading->name);
    const char *space = strchr(command->name, ' ');
    if (heading->id == CMD_ROOT)
        return command->id != CMD_ROOT && !space;
    return space && (size_t)(space - command->name) == length && memcmp(command->name, heading->name, length) == 0;
}

static void print_usage(FILE *to, const struct cli_command *command) {
    fprintf(to, "Usage: mxc%s%s [OPTION]...%s%s\n", *command->name ? " " : "", command->name,
            command->operands ? " " : "", command->operands ? command->operands : "");
}

static void print_paragraphs(FILE *to, const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        fputc('\n', to);
        cli_put_wrapped(to, text, length, 0, WIDTH);
        text += length;
        text += strspn(text, "\n");
    }
}

static void print_row(FILE *to, const char *left, const char *right) {
    int used = fprintf(to, "  %s", left);
    if (used + 2 > OPTION_COLUMN)
        fprintf(to, "\n%*s", OPTION_COLUMN, "");
    else
        fprintf(to, "%*s", OPTION_COLUMN - used, "");
    cli_put_wrapped(to, right, strlen(right), OPTION_COLUMN, WIDTH);
}

static void print_option(FILE *to, const struct cli_option *option) {
    char letter[8] = "    ", left[64], right[640];
    if (option->letter)
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    snprintf(left, sizeof(left), "%s--%s%s%s", letter, option->name, option->metavar ? " " : "",
             option->metavar ? option->metavar : "");
    snprintf(right, sizeof(right), "%s", option->help);
    print_row(to, left, right);
}

static void print_options(FILE *to, const struct cli_command *command) {
    const char *group = NULL;
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_options[i];
        if (!cli_takes(command, option))
            continue;
        if (!group || strcmp(group, option->group) != 0)
            fprintf(to, "\n%s:\n", option->group);
        group = option->group;
        print_option(to, option);
    }
}

static void print_commands(FILE *to, const struct cli_command *heading) {
    int first = 1;
    for (int id = CMD_RUN; id < CMD_COUNT; id++) {
        if (!cli_is_below(&cli_commands[id], heading))
            continue;
        fputs(first ? "\nCommands:\n" : "", to);
        first = 0;
        print_row(to, cli_commands[id].name, cli_commands[id].summary);
    }
}

void cli_print_help(FILE *to, const struct cli_command *command) {
    print_usage(to, command);
    print_paragraphs(to, command->text);
    print_commands(to, command);
    print_options(to, command);
    fputs("\nExamples:\n", to);
    for (const struct cli_example *example = command->examples; example->line; example++) {
        fprintf(to, "  %s\n      ", example->line);
        cli_put_wrapped(to, example->meaning, strlen(example->meaning), 6, WIDTH);
    }
    fputs("\nExit status:\n", to);
    for (const struct cli_exit *row = command->exits; row->status; row++)
        print_row(to, row->status, row->meaning);
}

const struct cli_command *cli_topic(const struct cli_line *line, int *status) {
    int used = 0;
    if (line->operand_count == 0)
        return &cli_commands[CMD_ROOT];
    const struct cli_command *topic = cli_command_of(line->operands, line->operand_count, &used);
    if (topic && used == line->operand_count)
        return topic;
    *status = cli_unknown_command(line, line->operands[topic ? used : 0]);
    return NULL;
}

int cli_help(const struct cli_line *line) {
    int status = 0;
    const struct cli_command *topic = cli_topic(line, &status);
    if (!topic)
        return status;
    cli_print_help(stdout, topic);
    return cli_written(line, cli_flush());
}

static int misused_heading(const struct cli_line *line) {
    if (line->operand_count > 0)
        return cli_unknown_command(line, line->operands[0]);
    cli_print_help(stderr, line->command);
    return line->command->misuse;
}

int cli_root(const struct cli_line *line) {
    return cli_given(line, OPT_VERSION) ? cli_version(line) : misused_heading(line);
}

int cli_policy(const struct cli_line *line) { return misused_heading(line); }

int cli_version(const struct cli_line *line) {
    if (!line->json) {
        printf("mxc %s\n", mxc_version());
        return cli_written(line, cli_flush());
    }
    json_t *object = json_object();
    json_object_set_new(object, "version", json_string(mxc_version()));
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (!text)
        return cli_tell_error(line, MXC_E_NO_MEMORY, NULL);
    int failed = cli_write_json(text);
    free(text);
    return cli_written(line, failed);
}
