/* profiles.h: the programs of the two profiles, compiled during the build by gen.c. */
#ifndef MXC_FILTER_PROFILES_H
#define MXC_FILTER_PROFILES_H

#include <linux/filter.h>
#include <stddef.h>

extern const struct sock_filter mxc_profile_default[], mxc_profile_strict[];
extern const size_t mxc_profile_default_count, mxc_profile_strict_count;

#endif
