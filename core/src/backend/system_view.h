/* system_view.h: what the system baseline shows of the host, for every wall of processes. */
#ifndef MXC_BACKEND_SYSTEM_VIEW_H
#define MXC_BACKEND_SYSTEM_VIEW_H

#define MXC_SYSTEM_FOLDERS 7
#define MXC_ETC_PARTS 16

extern const char *const mxc_system_folders[MXC_SYSTEM_FOLDERS];
extern const char *const mxc_etc_parts[MXC_ETC_PARTS];

#endif
