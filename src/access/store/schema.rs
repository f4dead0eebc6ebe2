//! The tables.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    organisations (id) {
        id -> Id,
        kind -> Text,
        domain -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    users (id) {
        id -> Id,
        organisation_id -> Id,
        user_name -> Text,
        display_name -> Text,
        state -> Text,
        password_hash -> Nullable<Text>,
        password_is_temporary -> Bool,
        password_expires_at -> Nullable<Moment>,
        activation_version -> Integer,
        activation_expires_at -> Nullable<Moment>,
        epoch -> BigInt,
        created_at -> Moment,
        language -> Text,
        version -> Integer,
        removed_at -> Nullable<Moment>,
        reset_version -> Integer,
        reset_expires_at -> Nullable<Moment>,
        second_factor_version -> Integer,
        second_factor_since -> Nullable<Moment>,
        second_factor_last_step -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    user_roles (user_id, role) {
        user_id -> Id,
        role -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    applications (id) {
        id -> Id,
        organisation_id -> Id,
        name -> Text,
        created_at -> Moment,
        epoch -> BigInt,
        removed_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    application_roles (application_id, role) {
        application_id -> Id,
        role -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    application_secrets (id) {
        id -> Id,
        application_id -> Id,
        digest -> Binary,
        created_at -> Moment,
        expires_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    refresh_tokens (id) {
        id -> Id,
        family_id -> Id,
        user_id -> Id,
        user_epoch -> BigInt,
        digest -> Binary,
        issued_at -> Moment,
        expires_at -> Moment,
        redeemed_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
        application_id -> Nullable<Id>,
        second_factor -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    recovery_codes (id) {
        id -> Id,
        user_id -> Id,
        digest -> Binary,
        used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    sessions (id) {
        id -> Id,
        digest -> Binary,
        user_id -> Id,
        user_epoch -> BigInt,
        stage -> Text,
        second_factor -> Bool,
        authorization_id -> Nullable<Id>,
        created_at -> Moment,
        expires_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    application_redirects (application_id, uri) {
        application_id -> Id,
        uri -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    authorizations (id) {
        id -> Id,
        client_id -> Text,
        request -> Text,
        expires_at -> Moment,
        user_id -> Nullable<Id>,
        user_epoch -> Nullable<BigInt>,
        second_factor -> Nullable<Bool>,
        family_id -> Nullable<Id>,
        digest -> Nullable<Binary>,
        redeemed_at -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(organisations, users, user_roles, sessions);
diesel::allow_tables_to_appear_in_same_query!(organisations, applications, application_roles, application_secrets);
