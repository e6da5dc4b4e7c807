/* internal.h: what the files of the probe share. Not for other rooms. */
#ifndef MXC_PROBE_INTERNAL_H
#define MXC_PROBE_INTERNAL_H

#include "probe/probe.h"

/* cgroups.c. 0, or -1 when out of memory; a host without cgroups has no places. The two texts are those of
 * /proc/self/cgroup and /proc/self/mountinfo: tests hand in those of other hosts. */
int mxc_probe_cgroups(struct mxc_host *host, const char *own, const char *mounts);

/* paths.c */
void mxc_probe_path_clear(struct mxc_path_fact *fact);

/* host.c: settings that forbid user namespaces. NULL ends the list. */
struct mxc_userns_setting {
    const char *file;   /* below /proc/sys */
    int forbids_above;  /* 0: the value 0 forbids; 1: any other value forbids */
    int for_root;       /* also for a caller with CAP_SYS_ADMIN */
    const char *remedy; /* command */
};
extern const struct mxc_userns_setting mxc_userns_settings[];

#endif
