/* end_fd.h: the end of a command as a descriptor that may be read. Node has no way to wait for a descriptor without
 * reading it, and what it would read from the status socket is the record that mxc_process_wait() needs. */
#ifndef MXC_NODE_END_FD_H
#define MXC_NODE_END_FD_H

/* A stream socket without data that ends when the other end of `status` is closed, for the caller to close; or
 * -errno. */
int mxc_node_end_fd(int status);

#endif
