/* table.h: JSON arrays of the library as aligned tables for people. */
#ifndef MXC_CLI_TABLE_H
#define MXC_CLI_TABLE_H

#include <jansson.h>
#include <stdio.h>

struct cli_column {
    const char *title, *key; /* member of each row: a string, a boolean, or an array of strings */
    const char *yes, *no;    /* what a boolean is called */
};

struct cli_table {
    const struct cli_column *columns;
    size_t count;
    const char *more_key;   /* printed on a line of its own below the row when it is not empty; NULL: none */
    const char *more_title; /* what that line begins with */
    const char *(*colour)(const char *cell); /* SGR parameters for a cell, or NULL */
};

void cli_print_table(FILE *to, const struct cli_table *table, const json_t *rows);
/* The receipt, an array of {"item", "rule", "mechanism", "level", "note"}. 0, or -1 when it is not that. */
int cli_print_receipt(FILE *to, const char *receipt);

/* The stages of a result object ("timingsMs"), a line each: process, stage, milliseconds. */
void cli_print_timings(FILE *to, const char *result);

#endif
