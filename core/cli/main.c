/* main.c: the program `mxc`; all of it is in cli_main(), which the Python package has as well. */
#include "cli.h"

int main(int argc, char **argv) { return cli_main(argc, argv); }
