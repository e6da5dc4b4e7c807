/* system_view.c: see system_view.h. */
#include "backend/system_view.h"

const char *const mxc_system_folders[MXC_SYSTEM_FOLDERS] = {"/usr",   "/bin",   "/sbin",  "/lib",
                                                            "/lib32", "/lib64", "/libx32"};

/* What programs need of /etc. Each is a mount, and mounts are what a start costs, so what programs do well without
 * (host.conf, terminfo, shell profiles, ...) is left out. Never here: shadow, machine-id, ssh, ssl/private, keys and tokens of any kind. */
const char *const mxc_etc_parts[MXC_ETC_PARTS] = {
    "/etc/ld.so.cache",     "/etc/alternatives",    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf", "/etc/pki/tls/certs",   "/etc/pki/ca-trust/extracted",
    "/etc/localtime",       "/etc/os-release",      "/etc/mime.types",
    "/etc/services",        "/etc/protocols",       "/etc/fonts",
    "/etc/java-11-openjdk", "/etc/java-17-openjdk", "/etc/java-21-openjdk",
    "/etc/java-25-openjdk",
};
