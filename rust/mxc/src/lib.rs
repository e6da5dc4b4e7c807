pub fn v()->&'static str { unsafe { std::ffi::CStr::from_ptr(mxc_sys::mxc_version()) }.to_str().unwrap() }
#[test] fn t() { assert_eq!(v(), "0.1.0"); }
