//! Tables of registrations, their files and rows, devices, and the device directory.

mod batches;
mod directory;
mod files;
mod identities;
mod invariants;
mod outcomes;
mod policies;
mod registered;
mod registrations;
mod release_requests;
mod rows;
mod settle;
mod uses;

pub(super) use batches::{batch_key, device_of_registrations, devices_by_registration, devices_of_registrations};
pub(super) use directory::{
    ImportView, NewEntry, import, imports, insert_import, set_loaded, unfinished_imports, upsert_entries,
};
pub(super) use files::{
    copies_to_remove, files_of, finding_counts, findings, forget_copies, insert_files, insert_findings, known_copies,
    remove_after, staged_bytes, staged_files, uploaded_by,
};
pub(super) use identities::{
    ImportFilter, change_identity, identities, imported, remove_import, set_synced, synced_at,
};
pub(super) use invariants::{broken_rows, doubled_claims, settled_since, settled_transactions, unfinished};
pub(super) use outcomes::{
    RowView, dismiss, failed_among, record_settlement, rows, settled, take_up, unsettled_row, unsettled_rows,
};
pub(super) use policies::{
    apply_policy, change_policy, delete_policy, insert_policy, insert_policy_job, policies, policy_job,
    registered_among,
};
pub(super) use registered::{
    DeviceView, device, devices_of, named_registrations, release, release_some, release_these,
};
pub(super) use registrations::{
    begin_registering, complete, delete_registration, delete_some_rows, finish, idle, insert_registration, lock,
    registration, registrations, registrations_of_batch, resume, running_by, set_settled_through, stop, void,
};
pub(super) use release_requests::{
    NewRequest, answer_request, held_elsewhere, insert_request, open_request, received_requests, release_request,
    requests_since, row_at, sent_requests,
};
pub(super) use rows::{NewRow, choosable, insert_rows};
pub(super) use settle::{Chunk, choose, fail_chunk, fail_refused, leave_out, next_chunk, settle_chunk};
pub(super) use uses::{NamedDevice, assign, change, check_in, named_devices, set_image_check};

use identities::removed_imports;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    device_registrations (id) {
        id -> Id,
        customer_id -> Id,
        registered_by -> Id,
        registered_by_user -> Nullable<Id>,
        source -> Text,
        state -> Text,
        mode -> Text,
        headerless -> Nullable<Text>,
        batch_name -> Text,
        batch_folded -> Text,
        order_id -> Nullable<Text>,
        order_folded -> Nullable<Text>,
        purchase_id -> Nullable<Text>,
        purchase_folded -> Nullable<Text>,
        request_id -> Id,
        row_count -> Integer,
        refused_rows -> Integer,
        created_at -> Moment,
        registered_at -> Nullable<Moment>,
        settled_through -> Integer,
        acting_for -> Nullable<Id>,
        stopped -> Nullable<Text>,
        finished_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    device_files (subject_id, number) {
        subject_id -> Id,
        number -> Integer,
        name -> Text,
        bytes -> BigInt,
        format -> Text,
        encoding -> Text,
        delimiter -> Text,
        row_count -> Integer,
        skipped -> Integer,
        uploaded_by -> Id,
        staged_file -> Nullable<Id>,
        remove_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    device_findings (subject_id, number) {
        subject_id -> Id,
        number -> Integer,
        file -> Integer,
        line -> Nullable<Integer>,
        column_name -> Nullable<Text>,
        value -> Nullable<Text>,
        code -> Text,
        severity -> Text,
        sentence -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    registration_rows (id) {
        id -> Id,
        registration_id -> Id,
        position -> Integer,
        file -> Integer,
        line -> Integer,
        manufacturer -> Text,
        model -> Text,
        serial_number -> Text,
        manufacturer_folded -> Text,
        serial_folded -> Text,
        product_id -> Nullable<Text>,
        hash_digest -> Nullable<Binary>,
        is_verified -> Bool,
        group_tag -> Nullable<Text>,
        assigned_user -> Nullable<Text>,
        refused -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    failed_rows (row_id) {
        row_id -> Id,
        registration_id -> Id,
        position -> Integer,
        customer_id -> Id,
        error -> Nullable<Text>,
        code -> Text,
        settled_at -> Moment,
        dismissed_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    devices (id) {
        id -> Id,
        customer_id -> Id,
        registration_id -> Id,
        registered_by -> Id,
        manufacturer -> Text,
        model -> Text,
        serial_number -> Text,
        manufacturer_folded -> Text,
        serial_folded -> Text,
        product_id -> Nullable<Text>,
        evidence -> Text,
        group_tag -> Nullable<Text>,
        assigned_user -> Nullable<Text>,
        display_name -> Nullable<Text>,
        registered_at -> Moment,
        last_seen_at -> Nullable<Moment>,
        last_seen_user -> Nullable<Text>,
        image_checked_at -> Nullable<Moment>,
        image_checked_by -> Nullable<Text>,
        released_at -> Nullable<Moment>,
        policy_id -> Nullable<Id>,
        addressable_user_name -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    settlements (registration_id, number) {
        registration_id -> Id,
        number -> Integer,
        ready -> Integer,
        failed -> Integer,
        left_out -> Integer,
        settled_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    device_registrations,
    registration_rows,
    failed_rows,
    devices,
    removed_imports,
    settlements
);
