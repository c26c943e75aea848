"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { AccountFace } from "./account-face.tsx";

const AccountMenu = dynamic(
  () => import("./account-menu.tsx").then((module) => module.AccountMenu),
  { ssr: false, loading: () => <AccountFace /> },
);

/** Opens the account's menu, whose code arrives on first use. */
export function AccountButton() {
  const [isWanted, setWanted] = useState(false);
  return isWanted ? <AccountMenu /> : <AccountFace onClick={() => setWanted(true)} />;
}
