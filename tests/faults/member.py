"""Somebody signed in to a face by its forms, who sends what no page of ours would."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx


@dataclass(slots=True)
class Member:
    http: httpx.AsyncClient

    async def sign_in(self, face: str, email: str, password: str) -> None:
        answer = await self.post(
            f"{face}/sign-in",
            {"email": email, "password": password, "next": f"{face}/"},
            from_page=f"{face}/sign-in",
        )
        assert answer.status_code == 303, answer.text

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, fields: Mapping[str, str], *, from_page: str) -> httpx.Response:
        """With the tokens that this page of ours gave."""
        page = (await self.http.get(from_page)).text
        tokens = dict(re.findall(r'name="(csrf_token|form_token)" value="([^"]+)"', page))
        assert "csrf_token" in tokens, page
        return await self.http.post(
            path,
            data={**tokens, **fields},
            headers={"Origin": str(self.http.base_url).rstrip("/")},
        )
