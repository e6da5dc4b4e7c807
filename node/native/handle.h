/* handle.h: objects of the library as JavaScript values: plain objects without properties, known by a type tag, so that
 * a wrong one is a TypeError and never a wrong pointer. The garbage collector and the end of the environment (a worker
 * that is terminated) free what was not freed before; a structured clone carries no object. */
#ifndef MXC_NODE_HANDLE_H
#define MXC_NODE_HANDLE_H

#include "addon.h"

template <typename T> struct Kind;

#define MXC_NODE_KIND(type, number) \
    template <> struct Kind<mxc_##type> { \
        static constexpr napi_type_tag tag = {0x6d78632d6e6f6465ull, number}; \
        static constexpr const char *name = #type; \
        static void Free(mxc_##type *object) { mxc_##type##_free(object); } \
    }
MXC_NODE_KIND(policy, 1);
MXC_NODE_KIND(sandbox, 2);
MXC_NODE_KIND(process, 3);
MXC_NODE_KIND(result, 4);
MXC_NODE_KIND(pool, 5);

template <typename T> struct Box {
    T *object;
    int64_t memory; /* bytes outside the heap that the garbage collector was told of */
};

template <typename T> void FreeBox(napi_env env, void *data, void *) {
    Box<T> *box = static_cast<Box<T> *>(data);
    int64_t unused;
    if (box->memory)
        napi_adjust_external_memory(env, -box->memory, &unused);
    Kind<T>::Free(box->object);
    delete box;
}

/* Takes `object` over, also when it fails. */
template <typename T> Napi::Value Wrap(Napi::Env env, T *object, int64_t memory = 0) {
    Box<T> *box = new Box<T>{object, memory};
    napi_value made = nullptr;
    int64_t unused;
    if (memory)
        napi_adjust_external_memory(env, memory, &unused);
    if (napi_create_object(env, &made) == napi_ok && napi_type_tag_object(env, made, &Kind<T>::tag) == napi_ok &&
        napi_wrap(env, made, box, FreeBox<T>, nullptr, nullptr) == napi_ok)
        return Napi::Value(env, made);
    FreeBox<T>(env, box, nullptr);
    return env.IsExceptionPending() ? Napi::Value() : ThrowType(env, "the handle could not be made");
}

template <typename T> Box<T> *BoxOf(const Napi::Value &value) {
    bool is_one = false;
    void *data = nullptr;
    if (value.IsObject() && napi_check_object_type_tag(value.Env(), value, &Kind<T>::tag, &is_one) == napi_ok &&
        is_one && napi_unwrap(value.Env(), value, &data) == napi_ok)
        return static_cast<Box<T> *>(data);
    ThrowType(value.Env(), std::string("not a native ") + Kind<T>::name);
    return nullptr;
}

/* NULL: an exception is pending. */
template <typename T> T *Open(const Napi::Value &value) {
    Box<T> *box = BoxOf<T>(value);
    if (!box || box->object)
        return box ? box->object : nullptr;
    ThrowStatus(value.Env(), MXC_E_CLOSED, nullptr);
    return nullptr;
}

/* Frees the object now; the handle is closed from then on. Freeing it again does nothing. */
template <typename T> Napi::Value Free(const Napi::CallbackInfo &info) {
    Box<T> *box = BoxOf<T>(info[0]);
    if (!box)
        return Napi::Value();
    T *object = box->object;
    box->object = nullptr;
    Kind<T>::Free(object);
    return info.Env().Undefined();
}

#endif
