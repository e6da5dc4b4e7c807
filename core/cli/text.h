/* text.h: printing: escaped text, wrapped text, whole writes. Everything that did not come from this program goes
 * through cli_put_escaped before it meets a terminal. */
#ifndef MXC_CLI_TEXT_H
#define MXC_CLI_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Writes control bytes, invalid UTF-8 and characters that reorder a line as \xNN, the rest as it is; gives the
 * number of columns (one for each character). `to` may be NULL: only measure. */
size_t cli_put_escaped(FILE *to, const char *text);
/* Words of `text` (until `length` or its end) on lines of at most `width` columns; all but the first are indented. */
void cli_put_wrapped(FILE *to, const char *text, size_t length, size_t indent, size_t width);
/* 0, or the errno. */
int cli_write_all(int fd, const void *bytes, size_t length);
/* Writes JSON text and a newline to standard output, with the control characters that JSON leaves raw (DEL, C1)
 * escaped: a workload's output in it must not reach a terminal as commands. 0, or the errno. */
int cli_write_json(const char *json);
/* Flushes standard output; 0, or the errno of any write that failed. */
int cli_flush(void);

#endif
