/* parse.c: see parse.h. One walk over the words; every complaint names the option and, where there is one, the
 * nearest thing that would have been right. */
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "problem.h"
#include "values.h"

struct complaint {
    const char *origin, *hint;
};

__attribute__((format(printf, 3, 4))) static int complain(const struct cli_line *line, struct complaint about,
                                                          const char *format, ...) {
    struct cli_problem problem = {.status = "usage", .origin = about.origin, .operation = "", .hint = about.hint};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem.text, sizeof(problem.text), format, arguments);
    va_end(arguments);
    problem.message = problem.text;
    return cli_tell(line, &problem);
}

/* ---- the nearest name ---- */

static size_t least(size_t a, size_t b, size_t c) {
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Edits between two words; words longer than the longest option do not come near anything. */
static size_t distance(const char *a, const char *b) {
    size_t row[32];
    size_t width = strlen(b);
    if (width + 1 > sizeof(row) / sizeof(row[0]) || strlen(a) > 32)
        return SIZE_MAX;
    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[width];
}

struct nearest {
    const char *word, *best;
    size_t distance;
};

static void consider(struct nearest *nearest, const char *name) {
    size_t edits = distance(nearest->word, name);
    if (edits < nearest->distance && edits <= 1 + strlen(name) / 4) {
        nearest->distance = edits;
        nearest->best = name;
    }
}

static int unknown_option(const struct cli_line *line, const char *name, size_t length) {
    char word[64], hint[160] = "";
    snprintf(word, sizeof(word), "%.*s", (int)length, name);
    struct nearest nearest = {.word = word, .distance = SIZE_MAX};
    const struct cli_option *elsewhere = NULL;
    for (size_t i = 0; i < cli_option_count; i++) {
        if (cli_takes(line->command, &cli_options[i]))
            consider(&nearest, cli_options[i].name);
        else if (strcmp(cli_options[i].name, word) == 0)
            elsewhere = &cli_options[i];
    }
    const struct cli_command *owner = cli_commands;
    while (elsewhere && !cli_takes(owner, elsewhere))
        owner++;
    if (elsewhere)
        snprintf(hint, sizeof(hint), "it is an option of mxc%s%s", *owner->name ? " " : "", owner->name);
    else if (nearest.best)
        snprintf(hint, sizeof(hint), "did you mean --%s?", nearest.best);
    else
        snprintf(hint, sizeof(hint), "see mxc %s%s--help", line->command->name, *line->command->name ? " " : "");
    return complain(line, (struct complaint){"", hint}, "unknown option --%.*s", (int)length, name);
}

int cli_unknown_command(const struct cli_line *line, const char *word) {
    char hint[160];
    struct nearest nearest = {.word = word, .distance = SIZE_MAX};
    for (int id = CMD_RUN; id < CMD_COUNT; id++)
        consider(&nearest, cli_commands[id].name);
    if (nearest.best)
        snprintf(hint, sizeof(hint), "did you mean mxc %s?", nearest.best);
    else
        snprintf(hint, sizeof(hint), "see mxc --help");
    return complain(line, (struct complaint){"", hint}, "unknown command '%s'", word);
}

/* ---- the walk ---- */

struct walk {
    struct cli_line *line;
    char **words;
    int count, at;
};

static int give(struct walk *walk, const struct cli_option *option, const char *value) {
    struct cli_line *line = walk->line;
    char origin[40];
    snprintf(origin, sizeof(origin), "--%s", option->name);
    if (!option->repeats && option->kind != CLI_FLAG && cli_given(line, option->id))
        return complain(line, (struct complaint){origin, ""}, "given twice");
    uint64_t number = 0;
    const char *wrong = option->kind == CLI_FLAG ? NULL : cli_value_wrong(option->kind, value, &number);
    const char *form = cli_value_form(option->kind);
    if (wrong)
        return complain(line, (struct complaint){origin, form ? form : ""}, "'%s' %s", value, wrong);
    line->given[line->given_count++] = (struct cli_given){option, value, number};
    return 0;
}

/* The value in the next word. One that looks like an option is more likely a forgotten value. */
static int give_next(struct walk *walk, const struct cli_option *option) {
    char origin[40], hint[96];
    snprintf(origin, sizeof(origin), "--%s", option->name);
    snprintf(hint, sizeof(hint), "write --%s=%s when it begins with two dashes", option->name, option->metavar);
    if (walk->at == walk->count)
        return complain(walk->line, (struct complaint){origin, ""}, "wants a value: %s", option->metavar);
    if (option->kind != CLI_CODE && strncmp(walk->words[walk->at], "--", 2) == 0)
        return complain(walk->line, (struct complaint){origin, hint}, "wants a value: %s, and '%s' follows",
                        option->metavar, walk->words[walk->at]);
    return give(walk, option, walk->words[walk->at++]);
}

static int long_option(struct walk *walk, const char *name) {
    size_t length = strcspn(name, "=");
    const struct cli_option *option = cli_option_named(walk->line->command, name, length);
    if (!option)
        return unknown_option(walk->line, name, length);
    char origin[40];
    snprintf(origin, sizeof(origin), "--%s", option->name);
    if (option->kind == CLI_FLAG && name[length])
        return complain(walk->line, (struct complaint){origin, ""}, "takes no value");
    if (option->kind == CLI_FLAG)
        return give(walk, option, NULL);
    return name[length] ? give(walk, option, name + length + 1) : give_next(walk, option);
}

static int short_option(struct walk *walk, const char *letters) {
    const struct cli_option *option = cli_option_lettered(walk->line->command, letters[0]);
    char hint[96];
    snprintf(hint, sizeof(hint), "see mxc %s%s--help", walk->line->command->name,
             *walk->line->command->name ? " " : "");
    if (!option || (option->kind == CLI_FLAG && letters[1]))
        return complain(walk->line, (struct complaint){"", hint}, "unknown option -%s", letters);
    if (option->kind == CLI_FLAG)
        return give(walk, option, NULL);
    return letters[1] ? give(walk, option, letters + 1) : give_next(walk, option);
}

static int step(struct walk *walk) {
    struct cli_line *line = walk->line;
    char *word = walk->words[walk->at++];
    if (word[0] == '-' && word[1] == '-' && word[2])
        return long_option(walk, word + 2);
    if (word[0] == '-' && word[1] && word[1] != '-')
        return short_option(walk, word + 1);
    if (strcmp(word, "--") != 0)
        line->operands[line->operand_count++] = word;
    if (strcmp(word, "--") == 0 || line->command->operand_kind == OPERANDS_COMMAND) {
        while (walk->at < walk->count)
            line->operands[line->operand_count++] = walk->words[walk->at++];
    }
    return 0;
}

static int check_operands(const struct cli_line *line) {
    const struct cli_command *command = line->command;
    if (line->operand_count < command->least)
        return complain(line, (struct complaint){"", ""}, "mxc %s wants %s", command->name, command->operands);
    if (command->most == 0 && line->operand_count > 0)
        return complain(line, (struct complaint){"", ""}, "mxc %s takes no operands, and '%s' was given", command->name,
                        line->operands[0]);
    if (command->most > 0 && line->operand_count > command->most)
        return complain(line, (struct complaint){"", ""}, "mxc %s takes %s, and '%s' was given too", command->name,
                        command->operands, line->operands[command->most]);
    return 0;
}

/* Before the walk, so that a complaint about an earlier word is in the asked form as well. */
static int wants_json(const struct cli_command *command, char *const *words, int count) {
    if (!cli_option_named(command, "json", 4))
        return 0;
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
        if (strcmp(words[i], "--json") == 0)
            return 1;
        if (command->operand_kind == OPERANDS_COMMAND && words[i][0] != '-' && (i == 0 || words[i - 1][0] != '-'))
            return 0;
    }
    return 0;
}

int cli_parse(struct cli_line *line, const struct cli_command *command, char **words, int count) {
    *line = (struct cli_line){.command = command, .json = wants_json(command, words, count)};
    line->given = calloc((size_t)count + 1, sizeof(*line->given));
    line->operands = calloc((size_t)count + 1, sizeof(*line->operands));
    if (!line->given || !line->operands)
        return cli_tell_error(line, MXC_E_NO_MEMORY, NULL);
    struct walk walk = {line, words, count, 0};
    while (walk.at < count) {
        int status = step(&walk);
        if (status != 0)
            return status;
    }
    line->json = cli_given(line, OPT_JSON) != NULL;
    if (cli_given(line, OPT_HELP))
        return 0;
    return check_operands(line);
}

void cli_line_clear(struct cli_line *line) {
    free(line->given);
    free(line->operands);
    *line = (struct cli_line){.command = line->command};
}

const struct cli_given *cli_given(const struct cli_line *line, enum cli_option_id id) {
    for (size_t i = line->given_count; i > 0; i--) {
        const struct cli_option *option = line->given[i - 1].option;
        if (option && option->id == id)
            return &line->given[i - 1];
    }
    return NULL;
}
