/* memfd.h: memory handed to another process as a descriptor: sealed where its content must not change, fixed in
 * size where both sides map it. Every function gives a descriptor with close-on-exec, or -errno. */
#ifndef MXC_CLIENT_MEMFD_H
#define MXC_CLIENT_MEMFD_H

#include <stddef.h>

/* Content that nobody can change any more. `executable`: it is to be executed. */
int mxc_memfd_sealed(const char *name, const void *data, size_t length, int executable);
/* Zeroes of a fixed size, writable. */
int mxc_memfd_sized(const char *name, size_t length);
/* Empty, to be filled later; *read_only: the same file for who will read it. */
int mxc_memfd_growing(const char *name, int *read_only);
/* Fills that. `seal`: nobody can change it any more. 0 or -errno. */
int mxc_memfd_fill(int fd, const void *data, size_t length, int seal);
/* The same file, opened for reading only: what a workload may be given. Takes `fd` over. */
int mxc_memfd_read_only(int fd);

/* Moves a descriptor that lives on away from 0-2: in a program that closed those, its own prints would land in it.
 * Takes `fd` over (also a negative one, which it returns); -errno when it cannot. */
int mxc_fd_above_stdio(int fd);

#endif
