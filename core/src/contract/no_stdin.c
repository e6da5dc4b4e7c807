/*
 * The stdin that jansson sees inside libmxc. Debian's libjansson.a refers to stdin in a way a shared
 * object cannot have (see cmake/dependencies.cmake), and only to compare it with json_loadf's argument;
 * libmxc reads JSON from memory and never from a stream, so a null pointer is right.
 */
#include <stdio.h>

extern FILE *mxc_no_stdin;
FILE *mxc_no_stdin;
