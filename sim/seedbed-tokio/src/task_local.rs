//! `task_local!`, whose values a world puts aside while the poll that has set them stands still.

/// tokio's `task_local!`: declares a [`LocalKey`](crate::task::LocalKey), of tokio's own type.
#[macro_export]
macro_rules! task_local {
    ($($(#[$attribute:meta])* $vis:vis static $name:ident: $of:ty);* $(;)?) => {$(
        $(#[$attribute])*
        $vis static $name: $crate::task::LocalKey<$of> = {
            ::std::thread_local! {
                static STORE: ::std::cell::RefCell<::std::option::Option<$of>> = {
                    $crate::__private::put_aside(&STORE);
                    ::std::cell::RefCell::new(::std::option::Option::None)
                };
            }
            $crate::task::LocalKey { inner: STORE }
        };
    )*};
}
