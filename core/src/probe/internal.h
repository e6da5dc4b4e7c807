/* internal.h: what the files of the probe share. Not for other rooms. */
#ifndef MXC_PROBE_INTERNAL_H
#define MXC_PROBE_INTERNAL_H

#include "probe/probe.h"

/* cgroups.c. 0, or -1 when out of memory; a host without cgroups has no places. The two texts are those of
 * /proc/self/cgroup and /proc/self/mountinfo: tests hand in those of other hosts. */
int mxc_probe_cgroups(struct mxc_host *host, const char *own, const char *mounts);

/* paths.c */
void mxc_probe_path_clear(struct mxc_path_fact *fact);

/* userns.c. 0, or -1 when out of memory. */
int mxc_probe_userns(struct mxc_host *host);
/* The command that allows what host->user_namespaces_why says is forbidden. */
void mxc_userns_remedy(struct mxc_buf *out, const struct mxc_host *host);

#endif
