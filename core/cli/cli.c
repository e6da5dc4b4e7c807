/* cli.c: the mxc command: finds the command in the table, has its words parsed and calls it. Uses the public API
 * only. Nothing is done here that a start does not need: no locale, no allocation beyond the words. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "help.h"
#include "parse.h"
#include "problem.h"
#include "text.h"

/* A closed 0, 1 or 2 would become the first thing that is opened, and the command's output would go into it. */
static int open_missing(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        if (open("/dev/null", O_RDWR) != fd) /* lint: allow(open): 0 to 2 are inherited */
            return -1;
    }
    return 0;
}

static int run_command(const struct cli_command *command, char **words, int count) {
    struct cli_line line;
    int status = cli_parse(&line, command, words, count);
    if (status == 0 && cli_given(&line, OPT_HELP)) {
        cli_print_help(stdout, command);
        status = cli_written(&line, cli_flush());
    } else if (status == 0) {
        status = command->run(&line);
    }
    cli_line_clear(&line);
    return status;
}

int cli_main(int argc, char **argv) {
    int used = 0;
    if (open_missing() != 0)
        return 125;
    int given = argc > 0 ? argc - 1 : 0;
    const struct cli_command *command = cli_command_of(argv + 1, given, &used);
    if (!command)
        command = &cli_commands[CMD_ROOT];
    return run_command(command, argv + 1 + used, given - used);
}
