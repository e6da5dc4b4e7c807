/* pressure.h: whether the host is short of memory, as its kernel tells (PSI). */
#ifndef MXC_API_PRESSURE_H
#define MXC_API_PRESSURE_H

/* Hundredths of a percent of the last ten seconds in which some process waited for memory: the "some avg10" of
 * /proc/pressure/memory; 0 where the kernel does not tell. */
unsigned mxc_memory_pressure(void);
/* The same from the text of that file. */
unsigned mxc_pressure_read(const char *text);

#endif
