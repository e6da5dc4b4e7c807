/* checks.h: whether one value is acceptable. Every check names the value's place (a JSON pointer, `origin`) and
 * returns a status, so that contract and builder refuse alike. */
#ifndef MXC_POLICY_CHECKS_H
#define MXC_POLICY_CHECKS_H

#include "policy/policy.h"

/* Text of the policy's author inside one of our messages: quoted, cut short, control bytes escaped. */
struct mxc_quote {
    char text[96];
};
const char *mxc_quoted(struct mxc_quote *quote, const char *text);

typedef mxc_status mxc_text_check(const char *text, const char *origin, mxc_error **err);

mxc_text_check mxc_check_not_empty;
mxc_text_check mxc_check_container_id;
mxc_text_check mxc_check_env_entry;
mxc_text_check mxc_check_syscall_name;
mxc_text_check mxc_check_protected_name;
mxc_text_check mxc_check_image_name;
mxc_text_check mxc_check_proxy_url;
/* Of a URL that was checked: its port, and the addresses that its host means (bits). */
enum { MXC_PROXY_V4 = 1, MXC_PROXY_V6 = 2 };
int mxc_proxy_addresses(const char *url, uint16_t *port);

/* Adds "NAME=VALUE"; an entry of the same name is replaced. Never quotes the value in an error. */
mxc_status mxc_policy_add_env(mxc_policy *policy, const char *entry, const char *origin, mxc_error **err);

/* Fields that cannot both hold. */
mxc_status mxc_policy_check_whole(const mxc_policy *policy, mxc_error **err);

#endif
