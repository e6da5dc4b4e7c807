/* table.c: see table.h. Cells are escaped: rules and details contain paths, and a path can be anything. */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define GAP 2
#define WIDEST 72 /* a longer cell does not push the columns after it away: they go on below it */

/* The cell as text; the caller frees. NULL: no memory. */
static char *cell_text(const json_t *row, const struct cli_column *column) {
    const json_t *value = json_object_get(row, column->key);
    char *text = NULL;
    size_t length = 0, index;
    json_t *part;
    FILE *to = open_memstream(&text, &length);
    if (!to)
        return NULL;
    if (json_is_string(value))
        fputs(json_string_value(value), to);
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? column->yes : column->no, to);
    json_array_foreach((json_t *)value, index, part) {
        fprintf(to, "%s%s", index ? ", " : "", json_is_string(part) ? json_string_value(part) : "");
    }
    fclose(to);
    return text;
}

static int coloured(FILE *to) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(to)) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

static size_t cell_width(const json_t *row, const struct cli_column *column) {
    char *text = cell_text(row, column);
    size_t width = text ? cli_put_escaped(NULL, text) : 0;
    free(text);
    return width;
}

static size_t put_cell(FILE *to, const struct cli_table *table, const char *text) {
    const char *colour = table->colour && coloured(to) ? table->colour(text) : NULL;
    if (colour)
        fprintf(to, "\033[%sm", colour);
    size_t columns = cli_put_escaped(to, text);
    fputs(colour ? "\033[0m" : "", to);
    return columns;
}

static void put_row(FILE *to, const struct cli_table *table, const json_t *row, const size_t *widths) {
    size_t at = 0, start = 0; /* column that was reached, column of the cell */
    for (size_t i = 0; i < table->count; i++) {
        char *text = cell_text(row, &table->columns[i]);
        if (text && *text) {
            if (at > 0 && at + GAP > start)
                fprintf(to, "\n%*s", (int)start, "");
            else
                fprintf(to, "%*s", (int)(start - at), "");
            at = start + put_cell(to, table, text);
        }
        start += widths[i] + GAP;
        free(text);
    }
    fputc('\n', to);
    const char *more = table->more_key ? json_string_value(json_object_get(row, table->more_key)) : NULL;
    if (more && *more) {
        fprintf(to, "    %s: ", table->more_title);
        cli_put_escaped(to, more);
        fputc('\n', to);
    }
}

void cli_print_table(FILE *to, const struct cli_table *table, const json_t *rows) {
    size_t widths[8] = {0}, index;
    json_t *row;
    for (size_t i = 0; i < table->count; i++) {
        widths[i] = strlen(table->columns[i].title);
        json_array_foreach((json_t *)rows, index, row) {
            size_t width = cell_width(row, &table->columns[i]);
            if (width > widths[i])
                widths[i] = width < WIDEST ? width : WIDEST;
        }
    }
    for (size_t i = 0; i < table->count; i++)
        fprintf(to, "%-*s", i + 1 < table->count ? (int)(widths[i] + GAP) : 0, table->columns[i].title);
    fputc('\n', to);
    json_array_foreach((json_t *)rows, index, row) { put_row(to, table, row, widths); }
}

static const char *level_colour(const char *cell) {
    if (strcmp(cell, "kernel") == 0)
        return "32";
    if (strcmp(cell, "supervisor") == 0)
        return "33";
    return strcmp(cell, "none") == 0 ? "31" : NULL;
}

int cli_print_receipt(FILE *to, const char *receipt) {
    static const struct cli_column columns[] = {{"ITEM", "item", "", ""},
                                                {"LEVEL", "level", "", ""},
                                                {"RULE", "rule", "", ""},
                                                {"MECHANISM", "mechanism", "", ""}};
    static const struct cli_table table = {columns, sizeof(columns) / sizeof(columns[0]), "note", "note", level_colour};
    json_t *rows = json_loads(receipt, 0, NULL);
    int wrong = !json_is_array(rows);
    if (!wrong)
        cli_print_table(to, &table, rows);
    json_decref(rows);
    return wrong ? -1 : 0;
}

void cli_print_timings(FILE *to, const char *result) {
    json_t *whole = json_loads(result, 0, NULL), *stages, *value;
    const char *process, *stage;
    json_object_foreach(json_object_get(whole, "timingsMs"), process, stages) {
        json_object_foreach(stages, stage, value) {
            fprintf(to, "  %-8s %-11s %8.3f\n", process, stage, json_number_value(value));
        }
    }
    json_decref(whole);
}
