/* words.c: the fixed words of the language. Contract, builder, print and schema share these lists. */
#include "policy/words.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "policy/checks.h"

const char *const mxc_containment_words[] = {"process", "session", "container", "vm", "microvm", "auto", NULL};
const char *const mxc_assurance_words[] = {"process", "session", "container", "microvm", NULL};
const char *const mxc_baseline_words[] = {"system", "none", NULL};
const char *const mxc_profile_words[] = {"default", "strict", NULL};
const char *const mxc_verdict_words[] = {"deny", "allow", NULL};
const char *const mxc_protocol_words[] = {"any", "tcp", "udp", "icmp", NULL};
const char *const mxc_clipboard_words[] = {"none", "read", "write", "all", NULL};
const char *const mxc_unsupported_words[] = {"fail", "report", NULL};
const char *const mxc_hard_links_words[] = {"report", "refuse", NULL};

int mxc_word_index(const char *const *words, const char *word) {
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

mxc_status mxc_word_refuse(const char *const *words, const char *word, const char *origin, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf hint = {0};
    struct mxc_quote quote;
    mxc_buf_text(&hint, "use one of:");
    for (int i = 0; words[i]; i++)
        mxc_buf_format(&hint, "%s \"%s\"", i ? "," : "", words[i]);
    if (hint.failed)
        return mxc_fail_memory(err);
    return mxc_fail(err, MXC_E_POLICY_INVALID, MXC_FAULT(.origin = origin, .hint = hint.data),
                    "%s is not a value of this field", mxc_quoted(&quote, word));
}

mxc_status mxc_containment_parse(enum mxc_containment *out, const char *word, mxc_error **err) {
    static const struct {
        const char *name;
        enum mxc_containment wall;
    } concrete[] = {{"bubblewrap", MXC_CONTAINMENT_PROCESS},
                    {"isolation_session", MXC_CONTAINMENT_SESSION},
                    {"lxc", MXC_CONTAINMENT_CONTAINER},
                    {"hyperlight", MXC_CONTAINMENT_MICROVM}};
    static const char *const foreign[] = {"processcontainer", "seatbelt", "windows_sandbox", "wslc", NULL};
    int index = mxc_word_index(mxc_containment_words, word);
    if (index >= 0) {
        *out = (enum mxc_containment)index;
        return MXC_OK;
    }
    for (size_t i = 0; i < sizeof concrete / sizeof *concrete; i++) {
        if (strcmp(concrete[i].name, word) == 0) {
            *out = concrete[i].wall;
            return MXC_OK;
        }
    }
    if (mxc_word_index(foreign, word) < 0)
        return mxc_word_refuse(mxc_containment_words, word, "/containment", err);
    return mxc_fail(
        err, MXC_E_UNSUPPORTED,
        MXC_FAULT(.origin = "/containment", .hint = "use \"process\", or \"auto\" for the weakest wall that is enough"),
        "the wall \"%s\" exists on another operating system only", word);
}

mxc_status mxc_assurance_parse(enum mxc_containment *out, const char *word, mxc_error **err) {
    if (mxc_word_index(mxc_assurance_words, word) < 0)
        return mxc_word_refuse(mxc_assurance_words, word, "/assurance", err);
    *out = (enum mxc_containment)mxc_word_index(mxc_containment_words, word);
    return MXC_OK;
}
